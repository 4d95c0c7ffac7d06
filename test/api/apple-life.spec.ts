import type { Fact } from '../../src/modules/entitlement/index.js';
import { merge } from '../../src/modules/entitlement/facts.js';
import { standingOf } from '../../src/modules/entitlement/standing.js';
import { seededRandom } from '../builders/tracks.js';
import { type AppleTest, startAppleTest } from '../support/app-store.js';
import { at, BOUGHT_ON, compareLives, factsOf, LIFE, shuffled } from '../support/apple-life.js';
import { SERVER_URL } from '../support/lane.js';

const SEEDS = Array.from({ length: 50 }, (_, i) => 5_000 + i);
/** Through the database; the embedded one does one thing at a time. */
const LIVES = SERVER_URL ? 25 : 5;

let apple: AppleTest;
beforeAll(async () => {
  apple = await startAppleTest();
});
afterAll(() => apple.close());

describe('S01 a recorded life of Apple', () => {
  it('50 seeds × 1,000 deliveries, duplicated and shuffled: what it says in order', async () => {
    apple.clock.set(at(BOUGHT_ON));
    const sold = apple.store.buy({ productId: 'premium_monthly', trialDays: 7 });
    for (const [date, step] of LIFE) {
      apple.clock.set(at(date));
      step(sold);
    }
    const told = await Promise.all(sold.notifications.map((one) => factsOf(apple, one)));
    const inOrder = told.reduce((known, facts) => merge(known, facts), [] as Fact[]);
    expect(standingOf(inOrder)).toEqual({
      paidUntilMs: at('2028-02-05'),
      trialUntilMs: at('2026-11-27'),
      isRevoked: false,
      renews: false,
      graceUntilMs: null,
      retriesUntilMs: null,
      pausedUntilMs: null,
      endedAtMs: at('2028-02-05'),
      plan: 'yearly',
      productId: 'premium_yearly',
    });
    const byKey = (facts: Fact[]) => [...facts].sort((a, b) => (a.key < b.key ? -1 : 1));
    for (const seed of SEEDS) {
      const random = seededRandom(seed);
      const deliveries = Array.from(
        { length: 1_000 - told.length },
        () => told[Math.floor(random() * told.length)]!,
      );
      const end = shuffled([...told, ...deliveries], random).reduce(
        (known, facts) => merge(known, facts),
        [] as Fact[],
      );
      expect({ seed, facts: byKey(end) }).toEqual({ seed, facts: byKey(inOrder) });
      expect(standingOf(end)).toEqual(standingOf(inOrder));
    }
  });

  it('25 buyers, more than 500 deliveries, while it is lived and after: the state of the one in order', async () => {
    expect(await compareLives(apple, SEEDS.slice(0, LIVES))).toBeGreaterThan(10 * LIVES);
  }, 240_000);
});
