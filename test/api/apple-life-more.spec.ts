import { type AppleTest, startAppleTest } from '../support/app-store.js';
import { compareLives } from '../support/apple-life.js';
import { SERVER_URL } from '../support/lane.js';

/** The other half of `apple-life.spec.ts`, so that neither takes long. */
const SEEDS = Array.from({ length: SERVER_URL ? 25 : 5 }, (_, i) => 5_025 + i);

let apple: AppleTest;
beforeAll(async () => {
  apple = await startAppleTest();
});
afterAll(() => apple.close());

it('S01 a recorded life of Apple: 25 more buyers, more than 500 more deliveries', async () => {
  expect(await compareLives(apple, SEEDS)).toBeGreaterThan(10 * SEEDS.length);
}, 240_000);
