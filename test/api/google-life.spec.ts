import { merge, type Fact } from '../../src/modules/entitlement/facts.js';
import { accessUntilMs, standingOf, stateAt } from '../../src/modules/entitlement/standing.js';
import {
  endedFact,
  factsOfSnapshot,
  replacedTokenOf,
} from '../../src/modules/payments/google/google-facts.js';
import { joined, voidedFact } from '../../src/modules/payments/google/google-orders.js';
import { googleSnapshot } from '../../src/modules/payments/google/google-snapshot.js';
import { sha256 } from '../../src/platform/crypto/secrets.js';
import { seededRandom } from '../builders/tracks.js';
import { type GooglePlaySimulator, type Push, startGooglePlay } from '../simulators/google-play.js';
import { PlayStore } from '../simulators/google-play-store.js';
import { patiently, type Person, send, signIn } from '../support/api.js';
import { type Life, msUntil, play, STEPS } from '../support/google-life.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { TestClock } from '../support/test-clock.js';
import { SERVER_URL } from '../support/lane.js';

const SEEDS = 50;
/** Through the database: all on a server, the embedded one does one thing at a time. */
const LIVES = SERVER_URL ? SEEDS : 10;
const WORDS = 1_000;
const START_MS = Date.parse('2026-11-20T03:00:00.000Z');

describe('the recorded life, as facts', () => {
  /** What each reading in the life of each token said, and each refund; in order. */
  const words: { token: string; facts: Fact[] }[] = [];
  const life: Life = { tokens: [] };
  let nowMs = START_MS;

  beforeAll(() => {
    const store = new PlayStore(() => nowMs, { packageName: 'kr.example', subscription: 'projects/x' });
    let number = 0;
    for (let step = 0; step < STEPS; step++) {
      nowMs += msUntil(step);
      const refunds = store.voided.length;
      play(step, store, life);
      for (const token of life.tokens) {
        const reading = { number: ++number, askedAtMs: nowMs };
        const snapshot = googleSnapshot.parse(store.snapshotOf(store.get(token)));
        words.push({ token, facts: factsOfSnapshot(snapshot, reading)! });
        const replaced = replacedTokenOf(snapshot);
        if (replaced) words.push({ token: replaced, facts: [endedFact(reading, snapshot.startTime)] });
      }
      for (const { purchaseToken: token, orderId, voidedTimeMillis } of store.voided.slice(refunds))
        words.push({ token, facts: [voidedFact(orderId, Number(voidedTimeMillis), START_MS)] });
    }
  });

  const standingsAfter = (heard: typeof words) =>
    life.tokens.map((token) => {
      const facts = heard
        .filter((word) => word.token === token)
        .reduce<Fact[]>((known, word) => merge(known, joined(known, word.facts)), []);
      return standingOf(facts);
    });

  it(`S01: comes to the same in ${SEEDS} shuffles of ${WORDS} readings, with repetitions`, () => {
    const expected = standingsAfter(words);
    expect(expected.map((standing) => [stateAt(standing, nowMs), standing.plan])).toEqual([
      ['expired', 'monthly'],
      ['refunded', 'yearly'],
    ]);
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = seededRandom(seed);
      const again = Array.from({ length: WORDS - words.length }, () => pick(words, random));
      const heard = shuffled([...words, ...again], random);
      expect({ seed, standings: standingsAfter(heard) }).toEqual({ seed, standings: expected });
    }
  });

  it('S01: says in the end when access ends from the last reading alone, whatever was missed', () => {
    const expected = standingsAfter(words);
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = seededRandom(seed);
      const last = life.tokens.map((token) =>
        words.findLast((word) => word.token === token && word.facts.length > 1)!,
      );
      const heard = shuffled([...words.filter(() => random() < 0.3), ...last], random);
      const access = standingsAfter(heard).map((standing) => accessUntilMs(standing));
      expect({ seed, access }).toEqual({ seed, access: expected.map((standing) => accessUntilMs(standing)) });
    }
  });
});

describe('the recorded life, over HTTP and the database', () => {
  let google: GooglePlaySimulator;
  let test: TestApp;
  beforeAll(async () => {
    const clock = new TestClock(START_MS);
    google = await startGooglePlay({ now: () => clock.nowMs() });
    test = await startTestApp({ env: google.env, clock });
  });
  afterAll(async () => {
    await test.close();
    await google.close();
  });

  interface Buyer extends Life {
    people: Person[];
    waiting: Push[];
    delivered: Push[];
    random: () => number;
    /** It is compared after this step, and nothing happens to it any more. */
    lastStep: number;
    seed: number;
  }

  const post = async (push: Push) => {
    const { status } = await patiently(() =>
      send(test, 'POST', '/payments/webhook/google', push, google.pushHeaders()),
    );
    expect(status).toBe(204);
  };
  const report = async (who: Person, purchaseToken: string, transfer = false) => {
    const { status } = await patiently(() =>
      who.send('POST', '/payments/google/purchases', { purchaseToken, transfer }),
    );
    expect(status).toBe(200);
  };

  async function liveOn(buyer: Buyer, step: number): Promise<void> {
    const { pushes, bought, isTransfer } = play(step, google.store, buyer);
    buyer.waiting.push(...pushes);
    if (isTransfer) buyer.people.reverse();
    if (bought ?? isTransfer) await report(buyer.people[0]!, buyer.tokens.at(-1)!, isTransfer);
  }

  /** What a row and its ledger come to, without what differs from buyer to buyer. */
  async function standing({ tokens, people }: Buyer) {
    const rows = [];
    for (const token of tokens) {
      const storeKey = Buffer.from(sha256(token)).toString('hex');
      const row = await test.db.prisma.subscription.findUniqueOrThrow({
        where: { store_storeKey: { store: 'google', storeKey } },
        include: { ledger: true },
      });
      const { state, accessUntil, plan, productId, renews, acknowledgeBy } = row;
      const sums: Record<string, number> = {};
      for (const { periodId, kind, amountMilli } of row.ledger) {
        const name = `${kind} ${periodId.replace(google.store.get(token).orderBase, '')}`;
        sums[name] = (sums[name] ?? 0) + amountMilli;
      }
      rows.push({
        ...{ state, accessUntil, plan, productId, renews, acknowledgeBy, sums },
        isTheirs: row.userId === people[0]!.id,
      });
    }
    return rows;
  }

  it(`S01: ${LIVES} lives, told of late, twice and in any order, stand as the one told in order`, async () => {
    const born = async (seed: number, lastStep: number): Promise<Buyer> => ({
      ...{ seed, lastStep, tokens: [], waiting: [], delivered: [], random: seededRandom(seed) },
      people: [await signIn(test), await signIn(test)],
    });
    const model = await born(0, STEPS - 1);
    const buyers: Buyer[] = [];
    for (let seed = 1; seed <= LIVES; seed++)
      // Each step is the last one for some, and every fifth lives to the end.
      buyers.push(await born(seed, seed % 5 === 0 ? STEPS - 1 : 1 + (seed % (STEPS - 1))));
    let deliveries = 0;
    const deliver = async (all: Push[]) => {
      for (let at = 0; at < all.length; at += 10) await Promise.all(all.slice(at, at + 10).map(post));
      deliveries += all.length;
    };

    for (let step = 0; step < STEPS; step++) {
      test.clock.advance({ ms: msUntil(step) });
      const alive = buyers.filter(({ lastStep }) => lastStep >= step);
      await Promise.all([model, ...alive].map((buyer) => liveOn(buyer, step)));
      await deliver(model.waiting.splice(0));
      const now: Push[] = [];
      for (const buyer of alive) {
        const { random, waiting, delivered, lastStep } = buyer;
        const isLast = lastStep === step;
        const some = shuffled(waiting, random).filter(() => isLast || random() < 0.4);
        buyer.waiting = waiting.filter((push) => !some.includes(push));
        delivered.push(...some);
        const again = delivered.filter(() => random() < (isLast ? 0.45 : 0.1));
        now.push(...shuffled([...some, ...again], random));
      }
      await deliver(now);
      await test.queue.drain();
      const expected = await standing(model);
      for (const buyer of alive.filter(({ lastStep }) => lastStep === step))
        expect({ seed: buyer.seed, step, rows: await standing(buyer) }).toEqual({
          seed: buyer.seed,
          step,
          rows: expected,
        });
    }
    expect(deliveries).toBeGreaterThanOrEqual(SERVER_URL ? 1_000 : 5 * LIVES);
    expect(await standing(model)).toMatchObject([
      { state: 'expired', plan: 'monthly', isTheirs: true },
      { state: 'refunded', plan: 'yearly', isTheirs: true },
    ]);
  }, 240_000);
});

const pick = <T>(items: readonly T[], random: () => number): T => items[Math.floor(random() * items.length)]!;

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const mixed = [...items];
  for (let at = mixed.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [mixed[at], mixed[other]] = [mixed[other]!, mixed[at]!];
  }
  return mixed;
}
