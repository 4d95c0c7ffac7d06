import { reconcileApple } from '../../src/modules/payments/index.js';
import type { AppStoreSubscription, StoreNotification } from '../simulators/app-store.js';
import { type Simulator, startSimulator } from '../simulators/simulator.js';
import {
  type AppleTest,
  type Buyer,
  buyer,
  makeDue,
  moneyOf,
  premiumUntil,
  rowOf,
  startAppleTest,
} from '../support/app-store.js';

const MONTH = 4_900_000;
const NEVER_CAME = 'reconciliation found notifications of Apple that never came';
const KNOWS_BETTER = 'reconciliation found a subscription that Apple knows better';

let apple: AppleTest;
/** Where the notifications went that we do not have any more. */
let lostServer: Simulator;
beforeAll(async () => {
  apple = await startAppleTest();
  lostServer = await startSimulator({}, (server) => void server.post('/payments/webhook/apple', () => ({})));
});
afterAll(async () => {
  await apple.close();
  await lostServer.close();
});
beforeEach(() => {
  apple.clock.advance({ days: 400 }); // nothing of another test is looked at any more
  forgetErrors();
});

async function deliver(...notifications: StoreNotification[]) {
  for (const notification of notifications)
    expect(await apple.store.deliver(notification, apple.test.url)).toBe(200);
  await apple.test.queue.drain();
}
const enqueue = () =>
  apple.test.db.transaction((tx) =>
    apple.test.queue.enqueue(tx, reconcileApple, { slotAt: apple.clock.now().toISOString() }),
  );
async function reconcile() {
  await enqueue();
  await apple.test.queue.drain();
}
let told = 0;
const forgetErrors = () => void (told = apple.test.log.errors.length);
const errors = () => apple.test.log.errors.slice(told);
const found = (sentence: string, is = 'apple-reconciled') =>
  errors().filter(({ alarm, msg }) => alarm === is && msg === sentence);
const daysFrom = (ms: number, days: number) => new Date(ms + days * 86_400_000);

interface Sold {
  person: Buyer;
  sold: AppStoreSubscription;
}

/** What a night without a webhook is compared with: the same life, told in time. */
async function views(all: Sold[]) {
  return Promise.all(
    all.map(async ({ person, sold }) => {
      const { state, accessUntil, plan, renews, standing } = await rowOf(apple.test, sold);
      return {
        ...{ state, accessUntil, plan, renews, standing },
        premium: await premiumUntil(apple.test, person),
        money: await moneyOf(apple.test, sold),
      };
    }),
  );
}

/** Renewal, grace, a cancel, a refund of the first period, an upgrade; each for some of them. */
function outage({ sold }: Sold, i: number): void {
  if (i % 4 === 0) sold.failToRenew({ graceDays: 16 });
  else sold.renew();
  if (i % 4 === 1) sold.cancelRenewal();
  if (i % 4 === 2) sold.refund(sold.transactionIds[0]);
  if (i % 4 === 3) sold.upgrade('premium_yearly');
}

it.each([
  ['S13', 3],
  ['B7', 4],
])(
  '%s the server is down for %i days: everything is repaired in one night, nothing twice',
  async (_, days) => {
    const all: Sold[] = [];
    for (let i = 0; i < 12; i++) {
      const one = await buyer(apple);
      await apple.store.deliver(one.sold.notifications[0]!, apple.test.url);
      all.push(one);
    }
    await apple.test.queue.drain();

    apple.clock.advance({ days: 31 });
    all.forEach(outage);
    apple.clock.advance({ days });
    await deliver(apple.store.test()); // the first to come again makes no gap
    apple.clock.advance({ hours: 26 });

    await reconcile();
    expect(found(NEVER_CAME)).toMatchObject([{ found: 21, environment: 'production' }]);
    const repaired = await views(all);
    expect(repaired.map(({ state }) => state)).toEqual(
      Array(3).fill(['grace', 'cancelled', 'active', 'active']).flat(),
    );
    expect(repaired.slice(0, 4).map(({ money }) => money)).toEqual([
      [[MONTH, 0]],
      [
        [MONTH, 0],
        [MONTH, 0],
      ],
      [
        [MONTH, -MONTH],
        [MONTH, 0],
      ],
      [
        [MONTH, 0],
        [MONTH, 0],
        [39_000_000, 0],
      ],
    ]);

    // What Apple sends again afterwards is here already, and another night finds nothing.
    forgetErrors();
    await deliver(...all.flatMap(({ sold }) => sold.notifications.slice(1)));
    await reconcile();
    expect(await views(all)).toEqual(repaired);
    expect(errors()).toEqual([]);
  },
);

it('S13 what Apple believes to have told us is found by asking for its state, with the money in between', async () => {
  const one = await buyer(apple);
  const startMs = apple.clock.nowMs();
  await deliver(one.sold.notifications[0]!);
  for (let month = 0; month < 2; month++) {
    apple.clock.advance({ days: 31 });
    await apple.store.deliver(one.sold.renew(), lostServer.url);
  }
  await apple.store.deliver(one.sold.refund(one.sold.transactionIds[1]), lostServer.url);
  apple.clock.advance({ days: 2 });
  await deliver(apple.store.test()); // so the history is asked for a day only
  expect((await views([one]))[0]).toMatchObject({ premium: null });

  await reconcile();
  expect(found(NEVER_CAME)).toEqual([]);
  const { id } = await rowOf(apple.test, one.sold);
  expect(found(KNOWS_BETTER)).toMatchObject([{ subscriptionId: id, was: 'expired', is: 'active' }]);
  const [view] = await views([one]);
  expect(view).toMatchObject({
    state: 'active',
    money: [
      [MONTH, 0],
      [MONTH, -MONTH],
      [MONTH, 0],
    ],
  });
  expect(view!.premium!.getTime()).toBeGreaterThan(daysFrom(startMs, 85).getTime());

  forgetErrors();
  await reconcile();
  expect(errors()).toEqual([]);
});

it('B7 a state that is wrong in our own database is put right, and what does not exist at Apple is an alarm', async () => {
  const one = await buyer(apple);
  await deliver(one.sold.notifications[0]!);
  const [right] = await views([one]);
  const { id } = await rowOf(apple.test, one.sold);
  await apple.test.db.prisma.subscription.update({
    where: { id },
    data: {
      accessUntil: daysFrom(apple.clock.nowMs(), 3_000),
      standing: { ...(right!.standing as object), renews: false },
    },
  });
  await apple.test.db.prisma.subscription.create({
    data: {
      id: crypto.randomUUID(),
      ...{ store: 'apple', storeKey: '4242', environment: 'production', state: 'on_hold', renews: false },
      ...{ standing: right!.standing as object, createdAt: apple.clock.now() },
    },
  });
  await reconcile();
  expect(await views([one])).toEqual([right]);
  expect(found(KNOWS_BETTER)).toContainEqual(
    expect.objectContaining({ subscriptionId: id, differences: ['renews', 'state'] }),
  );
  expect(
    found('the App Store does not know a subscription that it told us of', 'apple-unknown').length,
  ).toBeGreaterThan(0);
});

it('S13 while Apple cannot be asked the night waits, and goes on later', async () => {
  const one = await buyer(apple);
  apple.clock.advance({ days: 3 });
  apple.store.fault({ path: '/inApps/v1/notifications/history', times: 1 }, 429);
  await enqueue();
  await expect(apple.test.queue.drain()).rejects.toThrow('app-store: status 429');
  await makeDue(apple.test);
  await apple.test.queue.drain();
  expect((await views([one]))[0]).toMatchObject({ state: 'active' });
  expect(found(NEVER_CAME)).toMatchObject([{ found: 1 }]);
});
