import { type Fact, stateAt } from '../../src/modules/entitlement/index.js';
import { AppleSales } from '../../src/modules/payments/apple/apple-sales.service.js';
import { seededRandom } from '../builders/tracks.js';
import type { AppStoreSubscription, StoreNotification } from '../simulators/app-store.js';
import { contentOf } from '../simulators/app-store-chain.js';
import { type AppleTest, buyer, type Buyer, moneyOf, premiumUntil, rowOf, signInBuyer } from './app-store.js';

const MONTH = 4_900_000;
export const at = (date: string) => Date.parse(`${date}T03:00:00Z`);

/** A life with everything in it: each step happens at its date, and Apple tells of it. */
export const LIFE: [date: string, step: (sold: AppStoreSubscription) => unknown][] = [
  ['2026-11-27', (sold) => sold.renew()],
  ['2026-12-27', (sold) => sold.failToRenew({ graceDays: 16 })],
  ['2027-01-12', (sold) => sold.graceExpires()],
  ['2027-01-20', (sold) => sold.recover()],
  ['2027-01-22', (sold) => sold.refund(sold.transactionIds[1])],
  ['2027-01-24', (sold) => sold.refund()],
  ['2027-01-26', (sold) => sold.reverseRefund()],
  ['2027-02-05', (sold) => sold.upgrade('premium_yearly')],
  ['2027-02-20', (sold) => sold.cancelRenewal()],
  ['2028-02-05', (sold) => sold.expire()],
];
/** The transfer to another account comes after this step. */
const TRANSFER_AFTER = '2027-01-26';
export const BOUGHT_ON = '2026-11-20';
const MONEY = [
  [0, 0],
  [MONTH, -MONTH],
  [MONTH, 0],
  [39_000_000, 0],
];

/**
 * As many buyers as there are seeds, with one more who gets everything in order and at once; some of the deliveries come
 * while the life goes on, and some after. Each must end as that one. @returns how many deliveries there were
 */
export async function compareLives(apple: AppleTest, seeds: readonly number[]): Promise<number> {
  apple.clock.set(at(BOUGHT_ON));
  const inOrder = await live(apple);
  const lives = await Promise.all(seeds.map((seed) => live(apple, seed)));
  let deliveries = 0;
  const deliver = async (notifications: StoreNotification[]) => {
    const answers = await Promise.all(notifications.map((one) => apple.store.deliver(one, apple.test.url)));
    expect(new Set([200, ...answers])).toEqual(new Set([200]));
    deliveries += answers.length;
  };

  for (const [date, step] of [[BOUGHT_ON, () => {}] as const, ...LIFE]) {
    apple.clock.set(at(date));
    for (const life of [inOrder, ...lives]) life.take(step);
    for (const life of [inOrder, ...lives]) await deliver(life.due());
    await apple.test.queue.drain();
    if (date === TRANSFER_AFTER) for (const life of [inOrder, ...lives]) await life.transfer();
  }
  for (const life of lives) await deliver(life.rest());
  await apple.test.queue.drain();

  const expected = await inOrder.view();
  expect(expected).toMatchObject({
    ...{ state: 'expired', plan: 'yearly', renews: false, accessUntil: new Date(at('2028-02-05')) },
    ...{ money: MONEY, isTransferred: true, premium: [null, null], waiting: 0 },
  });
  for (const life of lives)
    expect({ seed: life.seed, ...(await life.view()) }).toEqual({ seed: life.seed, ...expected });
  const wrongMoves = apple.test.log.errors.filter(({ msg }) => msg === 'a subscription moved as none should');
  expect(wrongMoves).toEqual([]);
  return deliveries;
}

export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

/** What a notification itself says, read by the app's own reader. */
export async function factsOf({ test }: AppleTest, { signedPayload }: StoreNotification): Promise<Fact[]> {
  const { data } = contentOf(signedPayload) as { data: Record<string, string> & { status: number } };
  const said = await test.app.get(AppleSales).verified({
    status: data.status,
    signedTransaction: data.signedTransactionInfo!,
    signedRenewal: data.signedRenewalInfo,
  });
  return said!.facts;
}

/** A buyer, and when each of the notifications arrives: at once and in order without a seed. */
async function live(apple: AppleTest, seed?: number) {
  const { person, sold } = await buyer(apple, { trialDays: 7 });
  const friend = await signInBuyer(apple.test);
  const random = seededRandom(seed ?? 0);
  let known = 0;
  let waiting: { notification: StoreNotification; steps: number }[] = [];

  return {
    seed,
    take(step: (sold: AppStoreSubscription) => unknown) {
      step(sold);
      for (; known < sold.notifications.length; known++) {
        const notification = sold.notifications[known]!;
        const copies = seed === undefined ? 1 : random() < 0.9 ? 2 : 1;
        for (let i = 0; i < copies; i++) {
          // From now to some steps later; many are left for the time after the life.
          const steps = seed === undefined ? 0 : Math.floor(random() ** 2 * LIFE.length * 2);
          waiting.push({ notification, steps });
        }
      }
    },
    due(): StoreNotification[] {
      const due = waiting.filter(({ steps }) => steps === 0);
      waiting = waiting.filter(({ steps }) => steps > 0).map((one) => ({ ...one, steps: one.steps - 1 }));
      return shuffled(due, random).map(({ notification }) => notification);
    },
    rest: () => shuffled(waiting, random).map(({ notification }) => notification),
    async transfer() {
      const body = { signedTransaction: sold.signedTransaction(), transfer: true };
      expect((await friend.send('POST', '/payments/apple/transactions', body)).status).toBe(200);
    },
    view: () => viewOf(apple, sold, person, friend),
  };
}

async function viewOf(apple: AppleTest, sold: AppStoreSubscription, person: Buyer, friend: Buyer) {
  const { state, accessUntil, plan, renews, standing, userId, environment } = await rowOf(apple.test, sold);
  expect(stateAt(standing as never, apple.clock.nowMs())).toBe(state);
  return {
    ...{ state, accessUntil, plan, renews, standing, environment },
    money: await moneyOf(apple.test, sold),
    isTransferred: userId === friend.id,
    premium: [await premiumUntil(apple.test, person), await premiumUntil(apple.test, friend)],
    waiting: await apple.test.db.prisma.storeEvent.count({ where: { processedAt: null } }),
  };
}
