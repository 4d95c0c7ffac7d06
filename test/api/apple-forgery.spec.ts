import { AppleVerifier } from '../../src/modules/payments/apple/apple-verifier.js';
import { loadConfig } from '../../src/config/config.js';
import { type ContentForgery, startAppStore } from '../simulators/app-store.js';
import type { ChainForgery } from '../simulators/app-store-chain.js';
import { expectProblem, send } from '../support/api.js';
import {
  type AppleTest,
  buyer,
  moneyOf,
  premiumUntil,
  rowOf,
  startAppleTest,
  storedCounts,
} from '../support/app-store.js';

const CHAIN: [ChainForgery, string][] = [
  ['wrong-root', 'VERIFICATION_FAILURE'],
  ['borrowed-chain', 'VERIFICATION_FAILURE'],
  ['leaf-without-mark', 'VERIFICATION_FAILURE'],
  ['intermediate-without-mark', 'VERIFICATION_FAILURE'],
  ['expired-leaf', 'INVALID_CERTIFICATE'],
  ['chain-of-two', 'INVALID_CERTIFICATE'],
  ['altered', 'VERIFICATION_FAILURE'],
  ['alg-none', 'VERIFICATION_FAILURE'],
  ['hs256', 'VERIFICATION_FAILURE'],
];
const CONTENT: [ContentForgery, string][] = [
  ['wrong-bundle', 'INVALID_APP_IDENTIFIER'],
  ['xcode', 'INVALID_ENVIRONMENT'],
  ['local-testing', 'INVALID_ENVIRONMENT'],
];

let apple: AppleTest;
let lines: string[] = [];

/** As the real server: testers of the sandbox are not let in. */
beforeAll(async () => {
  apple = await startAppleTest({ STORE_SANDBOX: 'false' });
  const { log } = apple.test;
  const write = log.write.bind(log);
  log.write = (line) => {
    lines.push(line);
    write(line);
  };
});
afterAll(() => apple.close());
beforeEach(() => {
  lines = [];
});

const post = (body: unknown) =>
  send(apple.test, 'POST', '/payments/webhook/apple', body, { 'content-type': 'application/json' });

/** Refused with 403, told with the reason and nothing else, and nothing is another than before. */
async function expectRefused(signedPayload: string, reason: string): Promise<void> {
  const before = await storedCounts(apple.test);
  expectProblem(await post({ signedPayload }), 403, 'webhook-refused');
  expect(await apple.test.queue.drain()).toBe(0);
  expect(await storedCounts(apple.test)).toEqual(before);
  expectTold(reason, signedPayload);
}

function expectTold(reason: string, jws: string): void {
  const told = lines.map((line) => JSON.parse(line) as { level: string; reason?: string });
  expect(told.filter(({ level }) => level === 'warn')).toMatchObject([{ reason }]);
  for (const part of jws.split('.').filter(Boolean))
    expect(lines.join('\n')).not.toContain(part.slice(0, 40));
}

const APP_DATA = { bundleId: 'kr.withbowwow.app', appAppleId: 6_700_000_001, environment: 'Production' };

describe('Forged: a notification', () => {
  it.each([...CHAIN, ...CONTENT, ['wrong-app', 'INVALID_APP_IDENTIFIER'] as [ContentForgery, string]])(
    'S08 %s',
    async (kind, reason) => {
      const { sold } = await buyer(apple);
      await expectRefused(apple.store.forge(sold.notifications[0]!.signedPayload, kind), reason);
    },
  );

  it('S08 of the sandbox', async () => {
    const { person, sold } = await buyer(apple, { environment: 'Sandbox' });
    await expectRefused(sold.notifications[0]!.signedPayload, 'SANDBOX_IN_PRODUCTION');
    const body = { signedTransaction: sold.signedTransaction() };
    expectProblem(await person.send('POST', '/payments/apple/transactions', body), 422, 'purchase-refused');
    expect(await premiumUntil(apple.test, person)).toBeNull();
  });

  it('S08 signed by the store of somebody else', async () => {
    const other = await startAppStore({ now: () => apple.clock.nowMs() });
    await expectRefused(
      other.buy({ productId: 'premium_yearly' }).notifications[0]!.signedPayload,
      'VERIFICATION_FAILURE',
    );
    await other.close();
  });

  it('does not hurt the subscription that it is about', async () => {
    const { person, sold } = await buyer(apple);
    await apple.store.deliver(sold.notifications[0]!, apple.test.url);
    await apple.test.queue.drain();
    const before = await rowOf(apple.test, sold);
    lines = [];
    await expectRefused(apple.store.forge(sold.refund().signedPayload, 'wrong-root'), 'VERIFICATION_FAILURE');
    expect(await rowOf(apple.test, sold)).toEqual(before);
    expect(await premiumUntil(apple.test, person)).toEqual(before.accessUntil);
    expect(await moneyOf(apple.test, sold)).toEqual([[4_900_000, 0]]);
  });
});

describe('Forged: a purchase that the app reports', () => {
  it.each([...CHAIN, ...CONTENT])('S08 %s', async (kind, reason) => {
    const { person, sold } = await buyer(apple);
    const signedTransaction = apple.store.forge(sold.signedTransaction(), kind);
    const before = await storedCounts(apple.test);
    lines = [];
    const answer = await person.send('POST', '/payments/apple/transactions', { signedTransaction });
    expectProblem(answer, 422, 'purchase-refused');
    expect(await storedCounts(apple.test)).toEqual(before);
    expect(await premiumUntil(apple.test, person)).toBeNull();
    expectTold(reason, signedTransaction);
  });

  it('is no subscription', async () => {
    const { person } = await buyer(apple);
    const { signedTransaction } = apple.store.buyOnce('treats_100');
    const answer = await person.send('POST', '/payments/apple/transactions', { signedTransaction });
    expectProblem(answer, 422, 'purchase-refused');
    expectTold('NO_SUBSCRIPTION', signedTransaction);
  });
});

describe('B1', () => {
  it('a delivery 100 times at once is one change', async () => {
    const { sold } = await buyer(apple);
    const before = await storedCounts(apple.test);
    const [notification] = sold.notifications;
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => apple.store.deliver(notification!, apple.test.url)),
    );
    expect(answers).toEqual(Array(100).fill(200));
    await apple.test.queue.drain();
    expect(await storedCounts(apple.test)).toEqual({
      subscriptions: before.subscriptions + 1,
      facts: before.facts + 2,
      changes: before.changes + 1,
      ledger: before.ledger + 1,
      events: before.events + 1,
    });
  });
});

describe('B6', () => {
  const errors = () => apple.test.log.errors.map(({ alarm, msg, kind }) => [alarm, msg, kind]);

  it('a type of tomorrow is kept, answered with success, and an alarm', async () => {
    const { sold } = await buyer(apple);
    const unknown = [
      sold.announce('PET_BIRTHDAY', 'CAKE'),
      apple.store.announce({ notificationType: 'ALL_NEW', data: undefined, appData: APP_DATA }),
    ];
    for (const notification of unknown)
      expect(await apple.store.deliver(notification, apple.test.url)).toBe(200);
    await apple.test.queue.drain();
    const what = 'Apple sends a notification of a type that we do not know';
    expect(errors()).toEqual(
      expect.arrayContaining([
        ['apple-unknown', what, 'PET_BIRTHDAY/CAKE'],
        ['apple-unknown', what, 'ALL_NEW'],
      ]),
    );
    const stored = await apple.test.db.prisma.storeEvent.findMany({
      where: { kind: { in: ['PET_BIRTHDAY/CAKE', 'ALL_NEW'] }, processedAt: { not: null } },
    });
    expect(stored).toHaveLength(2);
  });

  it('a test is answered with success; what is no subscription is an alarm', async () => {
    const before = await storedCounts(apple.test);
    expect(await apple.store.deliver(apple.store.test(), apple.test.url)).toBe(200);
    const { notification } = apple.store.buyOnce('treats_100');
    expect(await apple.store.deliver(notification, apple.test.url)).toBe(200);
    await apple.test.queue.drain();
    expect(await storedCounts(apple.test)).toEqual({ ...before, events: before.events + 2 });
    expect(errors()).toContainEqual([
      'apple-unknown',
      'Apple sold something that is no subscription of ours',
      'ONE_TIME_CHARGE',
    ]);
  });

  it.each([
    ['1 MB', { signedPayload: 'a'.repeat(1024 * 1024) }, 413],
    ['bad base64', { signedPayload: '!!!.???.%%%' }, 403],
    ['no JWS', { signedPayload: 'bori' }, 403],
    ['a JWS of nothing', { signedPayload: 'bnVsbA.bnVsbA.bnVsbA' }, 403],
    ['Korean', { signedPayload: '멍멍' }, 422],
    ['wrong JSON', '{"signedPayload":', 400],
    ['another shape', { payload: 'a.b.c' }, 422],
    ['a list', [], 422],
  ])('%s is refused, and nothing is stored', async (_, body, status) => {
    const before = await storedCounts(apple.test);
    const answer = await post(body);
    expect({ status: answer.status, text: answer.text }).toMatchObject({ status });
    expect(await storedCounts(apple.test)).toEqual(before);
  });
});

describe('without settings', () => {
  it('there is no such store', async () => {
    const verifier = new AppleVerifier(loadConfig({}));
    await expect(verifier.notification('a.b.c')).rejects.toThrow('provider-not-configured');
  });

  it('S08 the roots are Apple’s: a chain of ours is nothing', async () => {
    const { APPLE_ROOT_CERTS: _, ...env } = apple.store.env;
    const verifier = new AppleVerifier(loadConfig(env));
    const { notifications } = apple.store.buy({ productId: 'premium_monthly' });
    const { signedPayload } = notifications[0]!;
    await expect(verifier.notification(signedPayload)).rejects.toThrow('VERIFICATION_FAILURE');
  });
});
