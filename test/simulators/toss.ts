import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { secret } from '../support/leaks.js';
import { IssuedSecrets } from './issued-secrets.js';
import { credentialOf, startSimulator, type Simulator, type SimulatorOptions } from './simulator.js';
import {
  balanceOf,
  type Card,
  cardOnWire,
  errorOf,
  newTransactionKey,
  onWire,
  randomCard,
  type SimulatedPayment,
  transactionsOf,
  webhookRequest,
  type WebhookOverrides,
  type WebhookRequest,
  type WireAnswer,
  wireTime,
} from './toss-wire.js';

export type { WebhookRequest } from './toss-wire.js';

/** A payment that was made. */
export interface Charge {
  orderId: string;
  amountKrw: number;
  /** Null: paid once, through the SDK. */
  billingKey: string | null;
  customerKey: string | null;
  status: SimulatedPayment['status'];
  idempotencyKey: string | null;
  at: Date;
}

/** Holds the next request of a path in the middle of its work. */
export interface Hold {
  /** It is there and at work. */
  reached: Promise<void>;
  release(): void;
}

export interface TossSimulator extends Simulator {
  /** What the app needs in its environment to be paid through this simulator. */
  env: { TOSS_CLIENT_KEY: string; TOSS_SECRET_KEY: string; TOSS_BASE_URL: string };
  /** The authKey that the SDK's `requestBillingAuth` brings: single use, for this customer. */
  authorizeBilling(customerKey: string, options?: { card?: Partial<Card> }): string;
  /** The paymentKey that the SDK's payment window brings; it wants to be confirmed within 10 minutes. */
  authorizePayment(order: { orderId: string; amountKrw: number }): string;
  /** The next charges and confirmations are declined. */
  declineNext(code: string, options?: { times?: number }): void;
  /** The next refunds are answered with this error; `isMade`: though they are made. */
  failRefundNext(code: string, options?: { times?: number; isMade?: boolean }): void;
  hold(path: string): Hold;
  /** Every payment ever made, in order, also when its answer was lost. */
  readonly charges: Charge[];
  /** Every charge and confirmation that was declined, in order. */
  readonly declines: { orderId: string; code: string; idempotencyKey: string | null; at: Date }[];
  readonly cancels: { orderId: string; amountKrw: number; idempotencyKey: string | null; at: Date }[];
  /** The keys that charge, of one customer or of all. */
  billingKeys(customerKey?: string): string[];
  /** The user or the issuer takes the card away: it charges no more, and Toss tells us. */
  removeCard(billingOrCustomerKey: string): WebhookRequest;
  /** As somebody of ours does it in Toss's console; absent: all that is left. */
  cancelInConsole(orderId: string, amountKrw?: number): void;
  expireSession(paymentKey: string): void;
  /** The Payment object as on the wire. */
  payment(orderIdOrPaymentKey: string): ReturnType<typeof onWire>;
  webhook(eventType: string, data: object, overrides?: WebhookOverrides): WebhookRequest;
}

const SECRET_KEY = secret('live_sk_simulated');
const ORDER_ID = /^[A-Za-z0-9\-_.=]{6,64}$/;
const CUSTOMER_KEY = /^[A-Za-z0-9\-_=.@,]{2,300}$/;
const SESSION_MS = 10 * 60_000;
const IDEMPOTENCY_MS = 15 * 86_400_000;
const MINIMUM_KRW = 100;

type Body = Record<string, unknown>;

/** api.tosspayments.com; PROVIDERS.md §6. */
export async function startToss(options: SimulatorOptions = {}): Promise<TossSimulator> {
  const { now = Date.now } = options;
  const authKeys = new IssuedSecrets<{ customerKey: string; card: Card }>(now);
  const cards = new Map<string, { customerKey: string; card: Card; isRemoved: boolean }>();
  const payments: SimulatedPayment[] = [];
  const made: (Omit<Charge, 'status'> & { paymentKey: string })[] = [];
  const declines: TossSimulator['declines'] = [];
  const cancels: TossSimulator['cancels'] = [];
  const answers = new Map<string, { answer: WireAnswer | null; atMs: number }>();
  let toDecline: { code: string; left: number }[] = [];
  let refundFaults: { code: string; isMade: boolean; left: number }[] = [];
  let holds: { path: string; reached: () => void; released: Promise<void> }[] = [];

  const byKey = (paymentKey: string) => payments.find((payment) => payment.paymentKey === paymentKey);
  const byOrder = (orderId: string) => payments.findLast((payment) => payment.orderId === orderId);
  const wasPaid = (orderId: unknown) => made.some((charge) => charge.orderId === orderId);

  function newPayment(
    fields: Pick<SimulatedPayment, 'type' | 'orderId' | 'orderName' | 'totalAmount' | 'status' | 'card'>,
  ): SimulatedPayment {
    const payment: SimulatedPayment = {
      paymentKey: secret(`sim_${randomBytes(18).toString('base64url')}`),
      ...fields,
      requestedAtMs: now(),
      approvedAtMs: null,
      transactionKey: newTransactionKey(),
      cancels: [],
      failure: null,
    };
    payments.push(payment);
    return payment;
  }

  function approve(
    payment: SimulatedPayment,
    by: { billingKey: string | null; customerKey: string | null; idempotencyKey: string | null },
  ): WireAnswer {
    Object.assign(payment, { status: 'DONE', approvedAtMs: now() });
    const { orderId, paymentKey, totalAmount: amountKrw } = payment;
    made.push({ orderId, amountKrw, ...by, paymentKey, at: new Date(now()) });
    return { status: 200, body: onWire(payment) };
  }

  function declined(orderId: string, idempotencyKey: string | null): WireAnswer | null {
    const decline = toDecline.find(({ left }) => left > 0);
    if (!decline) return null;
    decline.left--;
    declines.push({ orderId, code: decline.code, idempotencyKey, at: new Date(now()) });
    return errorOf(decline.code);
  }

  function faultOfOrder({ orderId, amount }: Body): WireAnswer | null {
    if (typeof orderId !== 'string' || !ORDER_ID.test(orderId) || !Number.isInteger(amount))
      return errorOf('INVALID_REQUEST');
    return (amount as number) < MINIMUM_KRW ? errorOf('BELOW_MINIMUM_AMOUNT') : null;
  }

  function confirm(body: Body, idempotencyKey: string | null): WireAnswer {
    const fault = faultOfOrder(body);
    if (fault) return fault;
    const payment = byKey(String(body.paymentKey));
    if (!payment) return errorOf('NOT_FOUND_PAYMENT');
    if (payment.orderId !== body.orderId || payment.totalAmount !== body.amount)
      return errorOf('INVALID_REQUEST');
    if (payment.approvedAtMs !== null) return errorOf('ALREADY_PROCESSED_PAYMENT');
    if (wasPaid(payment.orderId)) return errorOf('DUPLICATED_ORDER_ID');
    expireOld(payment);
    if (payment.status !== 'IN_PROGRESS') return errorOf('NOT_FOUND_PAYMENT_SESSION');
    const decline = declined(payment.orderId, idempotencyKey);
    if (!decline) return approve(payment, { billingKey: null, customerKey: null, idempotencyKey });
    Object.assign(payment, { status: 'ABORTED', failure: decline.body });
    return decline;
  }

  function expireOld(payment: SimulatedPayment): void {
    if (payment.status === 'IN_PROGRESS' && now() - payment.requestedAtMs > SESSION_MS)
      payment.status = 'EXPIRED';
  }

  function issue({ authKey, customerKey }: Body): WireAnswer {
    if (typeof customerKey !== 'string' || !CUSTOMER_KEY.test(customerKey)) return errorOf('INVALID_REQUEST');
    const authorized = authKeys.find(String(authKey));
    if (!authorized) return errorOf('INVALID_AUTHORIZE_AUTH');
    if (authorized.customerKey !== customerKey) return errorOf('NOT_MATCHES_CUSTOMER_KEY');
    const { card } = authKeys.take(String(authKey))!;
    const billingKey = secret(`simbilling_${randomBytes(24).toString('base64url')}`);
    cards.set(billingKey, { customerKey, card, isRemoved: false });
    return {
      status: 200,
      body: {
        ...{ mId: 'withbowwow', customerKey, authenticatedAt: wireTime(now()), method: '카드', billingKey },
        card: cardOnWire(card),
      },
    };
  }

  function charge(billingKey: string, body: Body, idempotencyKey: string | null): WireAnswer {
    const fault = faultOfOrder(body);
    if (fault) return fault;
    const { orderName } = body;
    if (typeof orderName !== 'string' || orderName.length > 100) return errorOf('INVALID_REQUEST');
    const known = cards.get(billingKey);
    if (!known) return errorOf('NOT_FOUND_BILLING_KEY');
    if (known.isRemoved) return errorOf('ALREADY_REMOVED_BILLING_KEY');
    const { customerKey, card } = known;
    if (customerKey !== body.customerKey) return errorOf('NOT_MATCHES_CUSTOMER_KEY');
    const orderId = body.orderId as string;
    if (wasPaid(orderId)) return errorOf('DUPLICATED_ORDER_ID');
    const decline = declined(orderId, idempotencyKey);
    if (decline) return decline;
    const totalAmount = body.amount as number;
    const payment = newPayment({
      type: 'BILLING',
      orderId,
      orderName,
      totalAmount,
      status: 'IN_PROGRESS',
      card,
    });
    return approve(payment, { billingKey, customerKey, idempotencyKey });
  }

  function removeBillingKey(billingKey: string): WireAnswer {
    const known = cards.get(billingKey);
    if (!known) return errorOf('NOT_FOUND_BILLING_KEY');
    if (known.isRemoved) return errorOf('ALREADY_REMOVED_BILLING_KEY');
    known.isRemoved = true;
    return { status: 200, body: {} };
  }

  function cancel(paymentKey: string, body: Body, idempotencyKey: string | null): WireAnswer {
    const { cancelReason, cancelAmount } = body;
    if (typeof cancelReason !== 'string' || cancelReason === '' || cancelReason.length > 200)
      return errorOf('INVALID_REQUEST');
    const payment = byKey(paymentKey);
    if (!payment) return errorOf('NOT_FOUND_PAYMENT');
    if (payment.status === 'CANCELED') return errorOf('ALREADY_CANCELED_PAYMENT');
    if (!['DONE', 'PARTIAL_CANCELED'].includes(payment.status)) return errorOf('NOT_CANCELABLE_PAYMENT');
    const amount = cancelAmount === undefined ? balanceOf(payment) : Number(cancelAmount);
    if (!Number.isInteger(amount) || amount <= 0) return errorOf('INVALID_REQUEST');
    if (amount > balanceOf(payment)) return errorOf('NOT_CANCELABLE_AMOUNT');
    const at = { canceledAtMs: now(), transactionKey: newTransactionKey() };
    payment.cancels.push({ cancelAmount: amount, cancelReason, ...at });
    payment.status = balanceOf(payment) === 0 ? 'CANCELED' : 'PARTIAL_CANCELED';
    cancels.push({ orderId: payment.orderId, amountKrw: amount, idempotencyKey, at: new Date(now()) });
    return { status: 200, body: onWire(payment) };
  }

  function cancelOrFail(paymentKey: string, body: Body, idempotencyKey: string | null): WireAnswer {
    const fault = refundFaults.find(({ left }) => left > 0);
    if (!fault) return cancel(paymentKey, body, idempotencyKey);
    fault.left--;
    if (fault.isMade) cancel(paymentKey, body, idempotencyKey);
    return errorOf(fault.code);
  }

  function find(payment: SimulatedPayment | undefined): WireAnswer {
    if (!payment) return errorOf('NOT_FOUND_PAYMENT');
    expireOld(payment);
    return { status: 200, body: onWire(payment) };
  }

  function transactions(query: Record<string, string>): WireAnswer {
    const page = transactionsOf(payments, query);
    return page ? { status: 200, body: page } : errorOf('INVALID_REQUEST');
  }

  function faultOfKey(request: FastifyRequest): WireAnswer | null {
    const sent = credentialOf(request, 'Basic');
    const [key, ...rest] = Buffer.from(sent ?? '', 'base64')
      .toString()
      .split(':');
    if (rest.length !== 1 || rest[0] !== '') return errorOf('INCORRECT_BASIC_AUTH_FORMAT');
    return key === SECRET_KEY ? null : errorOf('UNAUTHORIZED_KEY');
  }

  const send = (reply: FastifyReply, { status, body }: WireAnswer) => reply.code(status).send(body);

  async function held(request: FastifyRequest): Promise<void> {
    const index = holds.findIndex(({ path }) => request.url.startsWith(path));
    if (index < 0) return;
    const [hold] = holds.splice(index, 1);
    hold!.reached();
    await hold!.released;
  }

  /** Work that is done once for an `Idempotency-Key`; also an error is said again. */
  const post =
    (work: (body: Body, idempotencyKey: string | null, request: FastifyRequest) => WireAnswer) =>
    async (request: FastifyRequest, reply: FastifyReply) => {
      const fault = faultOfKey(request);
      if (fault) return send(reply, fault);
      const key = request.headers['idempotency-key'] as string | undefined;
      const body = (request.body ?? {}) as Body;
      if (key === undefined) {
        await held(request);
        return send(reply, work(body, null, request));
      }
      if (key === '' || key.length > 300) return send(reply, errorOf('INVALID_IDEMPOTENCY_KEY'));
      const scope = `${request.method} ${request.url} ${key}`;
      const earlier = answers.get(scope);
      if (earlier && now() - earlier.atMs < IDEMPOTENCY_MS)
        return send(reply, earlier.answer ?? errorOf('IDEMPOTENT_REQUEST_PROCESSING'));
      const entry: { answer: WireAnswer | null; atMs: number } = { answer: null, atMs: now() };
      answers.set(scope, entry);
      await held(request);
      entry.answer = work(body, key, request);
      return send(reply, entry.answer);
    };
  const get =
    (work: (request: FastifyRequest) => WireAnswer) => (request: FastifyRequest, reply: FastifyReply) =>
      send(reply, faultOfKey(request) ?? work(request));
  const param = (request: FastifyRequest, name: string) => (request.params as Record<string, string>)[name]!;

  const simulator = await startSimulator(options, (server) => {
    server.post('/v1/payments/confirm', post(confirm));
    server.post('/v1/billing/authorizations/issue', post(issue));
    server.post(
      '/v1/billing/:billingKey',
      post((body, key, request) => charge(param(request, 'billingKey'), body, key)),
    );
    server.delete(
      '/v1/billing/:billingKey',
      get((request) => removeBillingKey(param(request, 'billingKey'))),
    );
    server.post(
      '/v1/payments/:paymentKey/cancel',
      post((body, key, request) => cancelOrFail(param(request, 'paymentKey'), body, key)),
    );
    server.get(
      '/v1/payments/orders/:orderId',
      get((request) => find(byOrder(param(request, 'orderId')))),
    );
    server.get(
      '/v1/payments/:paymentKey',
      get((request) => find(byKey(param(request, 'paymentKey')))),
    );
    server.get(
      '/v1/transactions',
      get((request) => transactions(request.query as Record<string, string>)),
    );
  });

  const webhook: TossSimulator['webhook'] = (eventType, data, overrides) =>
    webhookRequest(eventType, data, now(), overrides);

  const paymentOf = (key: string): SimulatedPayment => {
    const payment = byKey(key) ?? byOrder(key);
    if (!payment) throw new Error(`The Toss simulator has no payment ${key}`);
    return payment;
  };

  return {
    ...simulator,
    env: { TOSS_CLIENT_KEY: 'live_ck_simulated', TOSS_SECRET_KEY: SECRET_KEY, TOSS_BASE_URL: simulator.url },
    authorizeBilling: (customerKey, { card } = {}) =>
      authKeys.issue({ customerKey: secret(customerKey), card: { ...randomCard(), ...card } }),
    authorizePayment: ({ orderId, amountKrw: totalAmount }) =>
      newPayment({
        ...{ type: 'NORMAL', orderId, totalAmount, status: 'IN_PROGRESS', card: randomCard() },
        orderName: '멍이랑 프리미엄',
      }).paymentKey,
    declineNext: (code, { times = 1 } = {}) => void toDecline.push({ code, left: times }),
    failRefundNext: (code, { times = 1, isMade = false } = {}) =>
      void refundFaults.push({ code, isMade, left: times }),
    hold(path) {
      let reached!: () => void;
      let release!: () => void;
      const released = new Promise<void>((done) => (release = done));
      const isReached = new Promise<void>((done) => (reached = done));
      holds.push({ path, reached, released });
      return { reached: isReached, release };
    },
    get charges() {
      return made.map(({ paymentKey, ...charge }) => ({ ...charge, status: byKey(paymentKey)!.status }));
    },
    declines,
    cancels,
    billingKeys: (customerKey) =>
      [...cards]
        .filter(([, card]) => !card.isRemoved && (customerKey ?? card.customerKey) === card.customerKey)
        .map(([billingKey]) => billingKey),
    removeCard(key) {
      const found = [...cards].find(
        ([billingKey, card]) => !card.isRemoved && [billingKey, card.customerKey].includes(key),
      );
      if (!found) throw new Error('The Toss simulator has no such card');
      found[1].isRemoved = true;
      return webhook('BILLING_DELETED', { billingKey: found[0], reason: null });
    },
    cancelInConsole(orderId, amountKrw) {
      const { paymentKey } = paymentOf(orderId);
      const { status, body } = cancel(
        paymentKey,
        { cancelReason: '상점 취소', cancelAmount: amountKrw },
        null,
      );
      if (status !== 200) throw new Error(`The console refuses it: ${JSON.stringify(body)}`);
    },
    expireSession: (paymentKey) => void (paymentOf(paymentKey).status = 'EXPIRED'),
    payment: (key) => onWire(paymentOf(key)),
    webhook,
    clearFaults() {
      toDecline = [];
      refundFaults = [];
      holds = [];
      simulator.clearFaults();
    },
  };
}
