import { startTestApp, type TestApp } from '../support/harness.js';

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

it('is alive and ready', async () => {
  expect(await (await fetch(`${test.url}/health/live`)).json()).toEqual({ status: 'ok' });
  expect(await (await fetch(`${test.url}/health/ready`)).json()).toEqual({
    status: 'ok',
    database: 'ok',
    cache: 'ok',
    storage: 'ok',
  });
});
