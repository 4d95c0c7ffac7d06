import { Logger } from '@nestjs/common';
import { type Simulator, startSimulator } from '../../../test/simulators/simulator.js';
import { HttpClient, OutboundError, type OutboundRequest } from './http-client.js';

const systemNow = Date.now;
let simulator: Simulator;
let client: HttpClient;

beforeAll(async () => {
  Logger.overrideLogger(false);
  simulator = await startSimulator({}, (server) => {
    server.get('/pet', () => ({ name: '보리' }));
    server.post('/echo', (request) => ({
      type: request.headers['content-type'],
      body: request.body instanceof URLSearchParams ? request.body.toString() : request.body,
    }));
    server.get('/elsewhere', () => 'must not be asked');
  });
});
afterAll(() => simulator.close());
beforeEach(() => {
  client = new HttpClient();
  simulator.clearFaults();
  simulator.requests.length = 0;
});
afterEach(() => {
  Date.now = systemNow;
});

const ask = (path = '/pet', request: OutboundRequest = {}, timeoutMs = 2_000) =>
  client.request('dogs', simulator.url + path, request, { timeoutMs });

async function failure(asked: Promise<unknown>) {
  const error = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(OutboundError);
  const { provider, reason, status } = error as OutboundError;
  return { provider, reason, status };
}

it('gives status, headers and text', async () => {
  const answer = await ask();
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/json/);
  expect(JSON.parse(answer.text)).toEqual({ name: '보리' });
});

it('sends forms and JSON as what they are', async () => {
  expect(JSON.parse((await ask('/echo', { method: 'POST', form: { name: '보 리' } })).text)).toEqual({
    type: expect.stringContaining('application/x-www-form-urlencoded'),
    body: 'name=%EB%B3%B4+%EB%A6%AC',
  });
  expect(JSON.parse((await ask('/echo', { method: 'POST', json: { name: '보리' } })).text)).toEqual({
    type: 'application/json',
    body: { name: '보리' },
  });
});

it('takes a 4xx for an answer, but not 429', async () => {
  simulator.fault({ path: '/pet', times: 1 }, { status: 404, body: '{"code":-1}' });
  expect(await ask()).toMatchObject({ status: 404, text: '{"code":-1}' });
  simulator.fault({ path: '/pet', times: 1 }, 429);
  expect(await failure(ask())).toEqual({ provider: 'dogs', reason: 'status', status: 429 });
});

it('hands on HTML and cut JSON as text: what they mean is for the caller to say', async () => {
  simulator.fault({ path: '/pet', times: 1 }, 'html');
  simulator.fault({ path: '/pet', times: 1 }, 'truncatedJson');
  expect((await ask()).text).toMatch(/^<!doctype html>/);
  const { text } = await ask();
  expect(() => JSON.parse(text) as unknown).toThrow();
});

it.each(['timeout', 'slowDrip'] as const)('waits for a %s no longer than it was told', async (kind) => {
  simulator.fault({ path: '/pet' }, kind);
  const before = performance.now();
  expect(await failure(ask('/pet', {}, 300))).toEqual({
    provider: 'dogs',
    reason: 'timeout',
    status: undefined,
  });
  expect(performance.now() - before).toBeLessThan(1_500);
});

it('notices a reset connection', async () => {
  simulator.fault({ path: '/pet' }, 'reset');
  expect(await failure(ask())).toMatchObject({ reason: 'network' });
});

it('follows no redirect', async () => {
  simulator.fault({ path: '/pet' }, { redirect: `${simulator.url}/elsewhere` });
  expect(await failure(ask())).toMatchObject({ reason: 'network' });
  expect(simulator.requests.map(({ path }) => path)).toEqual(['/pet']);
});

it('cuts a body of 100 MB', async () => {
  simulator.fault({ path: '/pet' }, 'hugeBody');
  const before = process.memoryUsage().rss;
  expect(await failure(ask('/pet', {}, 10_000))).toMatchObject({ reason: 'too-large' });
  expect(process.memoryUsage().rss - before).toBeLessThan(60 * 1024 * 1024);
});

it('asks again only when it may', async () => {
  simulator.fault({ path: '/pet', times: 1 }, { status: 503 });
  expect(await failure(ask())).toMatchObject({ reason: 'status', status: 503 });
  expect(simulator.requests).toHaveLength(1);

  simulator.fault({ path: '/pet', times: 2 }, { status: 503 });
  expect((await ask('/pet', { retry: true })).status).toBe(200);
  expect(simulator.requests).toHaveLength(4);

  simulator.fault({ path: '/pet' }, { status: 500 });
  expect(
    await failure(
      new HttpClient().request('other', `${simulator.url}/pet`, { retry: true }, { timeoutMs: 1_000 }),
    ),
  ).toMatchObject({ status: 500 });
  expect(simulator.requests).toHaveLength(7);
});

it('rests after five failures, for that provider only, then tries once', async () => {
  simulator.fault({ path: '/pet' }, { status: 500 });
  for (let i = 0; i < 5; i++) expect(await failure(ask())).toMatchObject({ reason: 'status' });
  expect(await failure(ask())).toMatchObject({ reason: 'circuit-open' });
  expect(await failure(ask('/pet', { retry: true }))).toMatchObject({ reason: 'circuit-open' });
  expect(simulator.requests).toHaveLength(5);
  expect((await client.request('cats', `${simulator.url}/elsewhere`, {}, { timeoutMs: 1_000 })).status).toBe(
    200,
  );

  Date.now = () => systemNow() + 10_001;
  expect(await failure(ask())).toMatchObject({ reason: 'status', status: 500 });
  expect(await failure(ask())).toMatchObject({ reason: 'circuit-open' });

  simulator.clearFaults();
  Date.now = () => systemNow() + 30_000;
  expect((await ask()).status).toBe(200);
  expect((await ask()).status).toBe(200);
});

it('a 4xx does not count towards a rest', async () => {
  simulator.fault({ path: '/pet' }, { status: 400 });
  for (let i = 0; i < 8; i++) expect((await ask()).status).toBe(400);
});
