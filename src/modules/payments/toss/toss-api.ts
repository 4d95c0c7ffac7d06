import { createHash } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { z } from 'zod';
import { CONFIG, type Config } from '../../../config/config.js';
import type { StoreEnvironment } from '../../../generated/prisma/enums.js';
import {
  HttpClient,
  type OutboundAnswer,
  OutboundError,
  type OutboundRequest,
} from '../../../platform/outbound/http-client.js';
import { Problem } from '../../../platform/http/problem.js';
import { billingKeyRefused, storeNotConfigured, storeUnavailable } from '../payments.errors.js';
import { cardLabelOf } from './card-issuers.js';
import { outcomeOf, type TossOutcome, type TossPayment } from './outcome.js';
import { cancellingClassOf, type ErrorClass, isAboutSettings, payingClassOf } from './toss-errors.js';
import * as wire from './toss-wire.js';

export interface BillingKey {
  billingKey: string;
  /** Issuer and masked number, as shown to the user. */
  cardLabel: string;
  /** Issuer and masked number, for "one trial a card". */
  cardIdentity: string;
}

interface Asked {
  orderId?: string;
  amountKrw?: number;
}

const TRANSACTIONS_AT_ONCE = 1_000;
const UNREADABLE = 'UNREADABLE_ANSWER';
/** The same request has not been answered yet. */
const STILL_AT_WORK = 'IDEMPOTENT_REQUEST_PROCESSING';

/** Toss Payments; PROVIDERS.md §6. */
@Injectable()
export class TossApi {
  private readonly log = new Logger(TossApi.name);

  constructor(
    private readonly http: HttpClient,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** What is paid with Toss's test keys is no revenue. @throws provider-not-configured */
  get environment(): StoreEnvironment {
    return this.settings().secretKey.startsWith('test_') ? 'sandbox' : 'production';
  }

  /**
   * Asked again with the same `authKey`, it is the same billing key: a lost answer is not a lost card.
   * @throws billing-key-refused (422), provider-unavailable, provider-not-configured
   */
  async issueBillingKey({
    authKey,
    customerKey,
  }: {
    authKey: string;
    customerKey: string;
  }): Promise<BillingKey> {
    const answer = await this.ask('/v1/billing/authorizations/issue', {
      json: { authKey, customerKey },
      idempotencyKey: `issue:${hashOf(authKey)}`,
    }).catch(rethrowUnavailable);
    if (answer.status !== 200) throw this.issueProblem(answer);
    const billing = this.read(wire.billing, answer);
    if (!billing || billing.customerKey !== customerKey) throw storeUnavailable();
    const { issuerCode, number } = billing.card;
    return {
      billingKey: billing.billingKey,
      cardLabel: cardLabelOf(issuerCode, number),
      cardIdentity: `${issuerCode}:${number}`,
    };
  }

  /**
   * The same `idempotencyKey` charges once. Never throws for what Toss answers or does not answer.
   * @throws provider-not-configured
   */
  charge({
    billingKey,
    customerKey,
    orderId,
    orderName,
    amountKrw,
    idempotencyKey,
  }: {
    billingKey: string;
    customerKey: string;
    orderId: string;
    orderName: string;
    amountKrw: number;
    idempotencyKey: string;
  }): Promise<TossOutcome> {
    const json = { customerKey, amount: amountKrw, orderId, orderName };
    const path = `/v1/billing/${encodeURIComponent(billingKey)}`;
    return this.pay(path, { json, idempotencyKey }, { orderId, amountKrw });
  }

  /** Two confirmations of one order and one `paymentKey` are one. Never throws for what Toss does. @throws provider-not-configured */
  confirm({
    paymentKey,
    orderId,
    amountKrw,
  }: {
    paymentKey: string;
    orderId: string;
    amountKrw: number;
  }): Promise<TossOutcome> {
    const json = { paymentKey, orderId, amount: amountKrw };
    const idempotencyKey = `confirm:${hashOf(`${orderId} ${paymentKey}`)}`;
    return this.pay('/v1/payments/confirm', { json, idempotencyKey }, { orderId, amountKrw });
  }

  /** Null: Toss knows no such order. @throws provider-unavailable, provider-not-configured */
  findByOrder(orderId: string): Promise<TossPayment | null> {
    return this.lookUp(`/v1/payments/orders/${encodeURIComponent(orderId)}`);
  }

  /** @throws provider-unavailable, provider-not-configured */
  find(paymentKey: string): Promise<TossPayment | null> {
    return this.lookUp(`/v1/payments/${encodeURIComponent(paymentKey)}`);
  }

  /** Null as well when Toss does not answer. @throws provider-not-configured */
  async findOrNull(paymentKey: string): Promise<TossPayment | null> {
    this.settings();
    return this.find(paymentKey).catch((error: unknown) => {
      if (error instanceof Problem) return null;
      throw error;
    });
  }

  /** The payment it gives is the one after the refund. Never throws for what Toss does. @throws provider-not-configured */
  async cancel({
    paymentKey,
    amountKrw,
    reason,
    idempotencyKey,
  }: {
    paymentKey: string;
    amountKrw: number;
    reason: string;
    idempotencyKey: string;
  }): Promise<TossOutcome> {
    const path = `/v1/payments/${encodeURIComponent(paymentKey)}/cancel`;
    const json = { cancelReason: reason, cancelAmount: amountKrw };
    return this.outcome(path, { json, idempotencyKey }, cancellingClassOf, (payment) =>
      payment.paymentKey === paymentKey && payment.status.endsWith('CANCELED')
        ? { kind: 'done', payment }
        : { kind: 'unknown', code: payment.status },
    );
  }

  /** Done as well when Toss does not know it any more. @throws provider-unavailable, provider-not-configured */
  async deleteBillingKey(billingKey: string): Promise<void> {
    const path = `/v1/billing/${encodeURIComponent(billingKey)}`;
    const answer = await this.ask(path, { method: 'DELETE' }).catch(rethrowUnavailable);
    if (answer.status < 300) return;
    const code = this.codeOf(answer);
    if (['NOT_FOUND_BILLING_KEY', 'ALREADY_REMOVED_BILLING_KEY', 'NOT_FOUND'].includes(code)) return;
    this.log.error({ alarm: 'toss-refuses', code }, 'Toss does not delete a billing key');
    throw storeUnavailable();
  }

  /**
   * What was paid and cancelled between two instants, oldest first, a page at a time.
   * @param after the `transactionKey` of the last one of the page before
   * @throws provider-unavailable, provider-not-configured
   */
  async transactions(
    { from, to }: { from: Date; to: Date },
    after?: string,
  ): Promise<{ items: wire.TossTransaction[]; next?: string }> {
    const query = new URLSearchParams({
      startDate: wire.kstText(from),
      endDate: wire.kstText(new Date(to.getTime() + 999)), // up, as the text has whole seconds
      limit: String(TRANSACTIONS_AT_ONCE),
      ...(after && { startingAfter: after }),
    });
    const answer = await this.get(`/v1/transactions?${query.toString()}`);
    const items = answer.status === 200 ? this.read(wire.transactions, answer) : null;
    if (!items) throw this.noAnswer(answer);
    return { items, next: items.length === TRANSACTIONS_AT_ONCE ? items.at(-1)!.transactionKey : undefined };
  }

  private pay(path: string, request: TossRequest, asked: Asked): Promise<TossOutcome> {
    return this.outcome(path, request, payingClassOf, (payment) => {
      if (payment.orderId === asked.orderId && payment.totalAmountKrw === asked.amountKrw)
        return outcomeOf(payment);
      const { orderId } = asked;
      this.log.error({ alarm: 'toss-differs', orderId }, 'Toss answers about another payment');
      return { kind: 'unknown', code: 'ANOTHER_PAYMENT' };
    });
  }

  private async outcome(
    path: string,
    request: TossRequest,
    classOf: (code: string) => ErrorClass | null,
    judge: (payment: TossPayment) => TossOutcome,
  ): Promise<TossOutcome> {
    let answer: OutboundAnswer;
    try {
      answer = await this.ask(path, request);
    } catch (error) {
      if (error instanceof OutboundError)
        return { kind: 'unknown', code: error.reason, isError: error.reason === 'status' };
      throw error;
    }
    if (answer.status === 200) {
      const payment = this.read(wire.payment, answer);
      return payment ? judge(payment) : { kind: 'unknown', code: UNREADABLE };
    }
    const code = this.codeOf(answer);
    const kind = classOf(code);
    if (!kind) {
      const { status } = answer;
      this.log.error({ alarm: 'toss-error-unknown', code, status }, 'an error of Toss that is in no table');
    }
    if (kind === 'soft' || kind === 'hard') return { kind: 'declined', decline: kind, code };
    if (kind === 'refused') return { kind, code };
    return { kind: 'unknown', code, isError: code !== STILL_AT_WORK && code !== UNREADABLE };
  }

  private async lookUp(path: string): Promise<TossPayment | null> {
    const answer = await this.get(path);
    if (answer.status === 404 && this.codeOf(answer) === 'NOT_FOUND_PAYMENT') return null;
    const payment = answer.status === 200 ? this.read(wire.payment, answer) : null;
    if (!payment) throw this.noAnswer(answer);
    return payment;
  }

  private get(path: string): Promise<OutboundAnswer> {
    const request = { method: 'GET', retry: true, timeoutMs: this.config.outbound.timeoutMs } as const;
    return this.ask(path, request).catch(rethrowUnavailable);
  }

  private noAnswer(answer: OutboundAnswer) {
    const [code, { status }] = [this.codeOf(answer), answer];
    this.log.error({ alarm: 'toss-refuses', code, status }, 'Toss does not tell what was asked');
    return storeUnavailable();
  }

  private issueProblem(answer: OutboundAnswer) {
    const code = this.codeOf(answer);
    const kind = payingClassOf(code);
    if (kind && kind !== 'unknown' && !isAboutSettings(code)) return billingKeyRefused();
    this.log.error({ alarm: 'toss-refuses', code, status: answer.status }, 'Toss issues no billing key');
    return storeUnavailable();
  }

  /** @throws OutboundError, provider-not-configured */
  private ask(path: string, { idempotencyKey, timeoutMs, ...request }: TossRequest): Promise<OutboundAnswer> {
    const { baseUrl, secretKey, timeoutMs: paymentTimeoutMs } = this.settings();
    const headers = {
      authorization: `Basic ${Buffer.from(`${secretKey}:`).toString('base64')}`,
      ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
    };
    const asked: OutboundRequest = { method: 'POST', ...request, headers };
    return this.http.request('toss', baseUrl + path, asked, { timeoutMs: timeoutMs ?? paymentTimeoutMs });
  }

  /** Null: not what is documented, HTML or cut off. */
  private read<T>(schema: z.ZodType<T>, { text }: OutboundAnswer): T | null {
    const { success, data } = schema.safeParse(wire.jsonOf(text));
    return success ? data : null;
  }

  private codeOf(answer: OutboundAnswer): string {
    return this.read(wire.error, answer)?.code ?? UNREADABLE;
  }

  private settings() {
    if (!this.config.toss) throw storeNotConfigured();
    return this.config.toss;
  }
}

type TossRequest = Pick<OutboundRequest, 'method' | 'json' | 'retry'> & {
  idempotencyKey?: string;
  timeoutMs?: number;
};

function rethrowUnavailable(error: unknown): never {
  if (error instanceof OutboundError) throw storeUnavailable();
  throw error;
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
