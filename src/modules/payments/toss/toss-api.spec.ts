import { Logger } from '@nestjs/common';
import { startToss, type TossSimulator } from '../../../../test/simulators/toss.js';
import { TestClock } from '../../../../test/support/test-clock.js';
import { loadConfig } from '../../../config/config.js';
import { HttpClient } from '../../../platform/outbound/http-client.js';
import { Problem } from '../../../platform/http/problem.js';
import { TossApi } from './toss-api.js';

const clock = new TestClock();
let toss: TossSimulator;
let api: TossApi;
let orders = 0;

beforeAll(async () => {
  Logger.overrideLogger(false);
  toss = await startToss({ now: () => clock.nowMs() });
});
afterAll(() => toss.close());
beforeEach(() => {
  toss.clearFaults();
  // A client of its own: an opened circuit would stay so for the next test.
  api = apiWith(toss.env);
});

function apiWith(env: Record<string, string>): TossApi {
  return new TossApi(
    new HttpClient(),
    loadConfig({
      ...{ NODE_ENV: 'test', TOSS_TIMEOUT_SECONDS: '0.5', OUTBOUND_TIMEOUT_SECONDS: '0.5' },
      ...env,
    }),
  );
}

const newOrder = () => ({ orderId: `order-${++orders}`, amountKrw: 4_900 });

async function newCard(customerKey = `customer-${++orders}`) {
  const { billingKey } = await api.issueBillingKey({
    authKey: toss.authorizeBilling(customerKey),
    customerKey,
  });
  return { billingKey, customerKey };
}

async function chargeOf(more: Partial<Parameters<TossApi['charge']>[0]> = {}) {
  const order = newOrder();
  const idempotencyKey = `charge:${order.orderId}`;
  return { ...(await newCard()), ...order, orderName: '멍이랑 프리미엄 1개월', idempotencyKey, ...more };
}

const chargesOf = (orderId: string) => toss.charges.filter((charge) => charge.orderId === orderId);

async function codeOf(asked: Promise<unknown>): Promise<string> {
  const error: unknown = await asked.then(
    () => 'no problem',
    (reason: unknown) => reason,
  );
  return error instanceof Problem ? error.kind.code : String(error);
}

describe('billing keys', () => {
  it('are issued with what names the card', async () => {
    const card = { issuerCode: '41', number: '12345678****123*' };
    const authKey = toss.authorizeBilling('customer-a', { card });
    expect(await api.issueBillingKey({ authKey, customerKey: 'customer-a' })).toEqual({
      billingKey: toss.billingKeys('customer-a')[0],
      cardLabel: '신한 ****123*',
      cardIdentity: '41:12345678****123*',
    });
  });

  it('are the same when the answer was lost', async () => {
    const authKey = toss.authorizeBilling('customer-b');
    const issue = () => api.issueBillingKey({ authKey, customerKey: 'customer-b' });
    toss.fault({ path: '/v1/billing', afterWork: true, times: 1 }, 'reset');
    expect(await codeOf(issue())).toBe('provider-unavailable');
    const { billingKey } = await issue();
    expect(toss.billingKeys('customer-b')).toEqual([billingKey]);
  });

  it('are refused for another customer, a made-up or a used authorization', async () => {
    const authKey = toss.authorizeBilling('customer-c');
    for (const asked of [
      { authKey, customerKey: 'customer-d' },
      { authKey: 'made-up', customerKey: 'customer-c' },
    ])
      expect(await codeOf(api.issueBillingKey(asked))).toBe('billing-key-refused');
    expect(toss.billingKeys('customer-d')).toEqual([]);
  });

  it('are not refused when our own key is wrong', async () => {
    const other = apiWith({ ...toss.env, TOSS_SECRET_KEY: 'live_sk_other' });
    const authKey = toss.authorizeBilling('customer-e');
    expect(await codeOf(other.issueBillingKey({ authKey, customerKey: 'customer-e' }))).toBe(
      'provider-unavailable',
    );
  });

  it('can be deleted, also twice', async () => {
    const { billingKey, customerKey } = await newCard();
    await api.deleteBillingKey(billingKey);
    await api.deleteBillingKey(billingKey);
    await api.deleteBillingKey('never-there');
    expect(toss.billingKeys(customerKey)).toEqual([]);
    toss.fault({ path: '/v1/billing', times: 1 }, { status: 500 });
    expect(await codeOf(api.deleteBillingKey(billingKey))).toBe('provider-unavailable');
  });
});

describe('charges', () => {
  it('tell what was paid', async () => {
    const charge = await chargeOf();
    const outcome = await api.charge(charge);
    expect(outcome).toMatchObject({
      kind: 'done',
      payment: {
        orderId: charge.orderId,
        status: 'DONE',
        totalAmountKrw: 4_900,
        balanceAmountKrw: 4_900,
        receiptUrl: expect.stringContaining('receipt'),
        cancels: [],
      },
    });
    expect(await api.findByOrder(charge.orderId)).toEqual(
      outcome.kind === 'done' ? outcome.payment : 'not done',
    );
  });

  it('S10 are made once under one key, and known by order when the answer was lost', async () => {
    const charge = await chargeOf();
    toss.fault({ path: '/v1/billing', afterWork: true, times: 1 }, 'timeout');
    expect(await api.charge(charge)).toEqual({ kind: 'unknown', code: 'timeout', isError: false });
    expect(await api.findByOrder(charge.orderId)).toMatchObject({ status: 'DONE' });
    expect((await api.charge(charge)).kind).toBe('done');
    expect(chargesOf(charge.orderId)).toHaveLength(1);
  });

  it('S10 under another key are refused as duplicates', async () => {
    const charge = await chargeOf();
    await api.charge(charge);
    expect(await api.charge({ ...charge, idempotencyKey: 'another' })).toEqual({
      kind: 'unknown',
      code: 'DUPLICATED_ORDER_ID',
      isError: true,
    });
    expect(chargesOf(charge.orderId)).toHaveLength(1);
  });

  it('are not known while the first one still runs', async () => {
    const charge = await chargeOf();
    const hold = toss.hold('/v1/billing');
    const first = api.charge(charge);
    await hold.reached;
    expect(await api.charge(charge)).toEqual({
      kind: 'unknown',
      code: 'IDEMPOTENT_REQUEST_PROCESSING',
      isError: false,
    });
    hold.release();
    expect((await first).kind).toBe('done');
    expect(chargesOf(charge.orderId)).toHaveLength(1);
  });

  it.each([
    ['REJECT_CARD_PAYMENT', { kind: 'declined', decline: 'soft' }],
    ['EXCEED_MAX_PAYMENT_AMOUNT', { kind: 'declined', decline: 'soft' }],
    ['INVALID_CARD_EXPIRATION', { kind: 'declined', decline: 'hard' }],
    ['UNAPPROVED_ORDER_ID', { kind: 'refused' }],
    ['PROVIDER_ERROR', { kind: 'unknown', isError: true }],
    ['A_CODE_OF_TOMORROW', { kind: 'unknown', isError: true }],
  ])('%s → %o', async (code, outcome) => {
    toss.declineNext(code);
    expect(await api.charge(await chargeOf())).toEqual({ ...outcome, code });
  });

  it('of a removed card are declined for good', async () => {
    const charge = await chargeOf();
    toss.removeCard(charge.customerKey);
    expect(await api.charge(charge)).toMatchObject({ kind: 'declined', decline: 'hard' });
  });

  it.each(['html', 'truncatedJson'] as const)('an answer of %s tells nothing', async (kind) => {
    const charge = await chargeOf();
    toss.fault({ path: '/v1/billing', afterWork: true, times: 1 }, kind);
    expect(await api.charge(charge)).toEqual({ kind: 'unknown', code: 'UNREADABLE_ANSWER' });
    toss.fault({ path: '/v1/payments/orders', times: 1 }, kind);
    expect(await codeOf(api.findByOrder(charge.orderId))).toBe('provider-unavailable');
  });

  it('an answer about another payment, or another amount, tells nothing', async () => {
    const other = await chargeOf();
    await api.charge(other);
    const body = JSON.stringify({ ...toss.payment(other.orderId), totalAmount: 100 });
    toss.fault({ path: '/v1/billing', times: 1 }, { status: 200, body });
    expect(await api.charge({ ...other, idempotencyKey: 'again' })).toMatchObject({ kind: 'unknown' });
  });

  it('5xx, 429, an HTML refusal and an open circuit are unknown, and declines do not open it', async () => {
    const charge = await chargeOf();
    toss.declineNext('REJECT_CARD_PAYMENT', { times: 8 });
    for (let i = 0; i < 8; i++) await api.charge({ ...charge, idempotencyKey: `declined-${i}` });
    expect((await api.charge(charge)).kind).toBe('done');
    toss.fault({ path: '/v1/billing', times: 1 }, { status: 403, body: '<html>', contentType: 'text/html' });
    toss.fault({ path: '/v1/billing', times: 1 }, 429);
    toss.fault({ path: '/v1/billing' }, { status: 500, body: '{"code":"COMMON_ERROR","message":""}' });
    const codes: string[] = [];
    for (let i = 0; i < 7; i++) {
      const outcome = await api.charge(charge);
      codes.push(outcome.kind === 'unknown' ? outcome.code : outcome.kind);
    }
    expect(codes).toEqual(['UNREADABLE_ANSWER', ...Array<string>(5).fill('status'), 'circuit-open']);
    expect(await codeOf(api.find('any'))).toBe('provider-unavailable');
  });
});

describe('confirmations', () => {
  it('pay what was authorized, once for each payment key', async () => {
    const order = newOrder();
    const paymentKey = toss.authorizePayment(order);
    expect(await api.findByOrder(order.orderId)).toMatchObject({ status: 'IN_PROGRESS' });
    const [first, second] = await Promise.all([1, 2].map(() => api.confirm({ paymentKey, ...order })));
    expect(first).toMatchObject({ kind: 'done', payment: { paymentKey, status: 'DONE' } });
    expect(second).toEqual(first);
    expect(chargesOf(order.orderId)).toHaveLength(1);
  });

  it('come too late after ten minutes', async () => {
    const order = newOrder();
    const paymentKey = toss.authorizePayment(order);
    clock.advance({ minutes: 10, ms: 1 });
    expect(await api.confirm({ paymentKey, ...order })).toEqual({
      kind: 'refused',
      code: 'NOT_FOUND_PAYMENT_SESSION',
    });
    expect(await api.find(paymentKey)).toMatchObject({ status: 'EXPIRED' });
  });

  it('with another amount pay nothing', async () => {
    const order = newOrder();
    const paymentKey = toss.authorizePayment(order);
    expect((await api.confirm({ paymentKey, ...order, amountKrw: 100 })).kind).toBe('refused');
    expect(chargesOf(order.orderId)).toEqual([]);
  });

  it('that are declined leave an aborted payment', async () => {
    const order = newOrder();
    const paymentKey = toss.authorizePayment(order);
    toss.declineNext('INVALID_STOPPED_CARD');
    expect(await api.confirm({ paymentKey, ...order })).toMatchObject({ kind: 'declined', decline: 'hard' });
    expect(await api.find(paymentKey)).toMatchObject({
      status: 'ABORTED',
      failureCode: 'INVALID_STOPPED_CARD',
    });
  });
});

describe('refunds and the list of what happened', () => {
  it('take back a part, then the rest, each once', async () => {
    const charge = await chargeOf();
    await api.charge(charge);
    const { paymentKey } = (await api.findByOrder(charge.orderId))!;
    const refund = (amountKrw: number, idempotencyKey: string) =>
      api.cancel({ paymentKey, amountKrw, reason: '환불 요청', idempotencyKey });
    for (let i = 0; i < 2; i++)
      expect(await refund(1_000, 'refund-1')).toMatchObject({
        kind: 'done',
        payment: { status: 'PARTIAL_CANCELED', balanceAmountKrw: 3_900, cancels: [{ amountKrw: 1_000 }] },
      });
    expect((await refund(4_000, 'refund-2')).kind).toBe('refused');
    expect(await refund(3_900, 'refund-3')).toMatchObject({
      payment: { status: 'CANCELED', balanceAmountKrw: 0 },
    });
    expect(await refund(100, 'refund-4')).toEqual({
      kind: 'unknown',
      code: 'ALREADY_CANCELED_PAYMENT',
      isError: true,
    });
    const ofOrder = toss.cancels.filter(({ orderId }) => orderId === charge.orderId);
    expect(ofOrder.map(({ amountKrw }) => amountKrw)).toEqual([1_000, 3_900]);
  });

  it('lists payments and cancels of a time, and nothing of another', async () => {
    clock.advance({ days: 3 });
    const from = clock.now();
    const charge = await chargeOf();
    await api.charge(charge);
    toss.cancelInConsole(charge.orderId, 900);
    const { items, next } = await api.transactions({ from, to: clock.now() });
    expect(next).toBeUndefined();
    expect(items.map(({ orderId, status, amountKrw }) => [orderId, status, amountKrw])).toEqual([
      [charge.orderId, 'DONE', 4_900],
      [charge.orderId, 'PARTIAL_CANCELED', 900],
    ]);
    const rest = await api.transactions({ from, to: clock.now() }, items[0]!.transactionKey);
    expect(rest.items).toEqual(items.slice(1));
    const before = { from: new Date(from.getTime() - 60_000), to: new Date(from.getTime() - 1_000) };
    expect((await api.transactions(before)).items).toEqual([]);
  });
});

it('what Toss does not know is null, and without keys it says so', async () => {
  expect(await api.find('never-there')).toBeNull();
  expect(await api.findByOrder('never-there')).toBeNull();
  const unset = apiWith({});
  expect(await codeOf(unset.findByOrder('any'))).toBe('provider-not-configured');
  expect(await codeOf(unset.charge(await chargeOf()))).toBe('provider-not-configured');
  expect([api.environment, apiWith({ ...toss.env, TOSS_SECRET_KEY: 'test_sk_x' }).environment]).toEqual([
    'production',
    'sandbox',
  ]);
});
