import { randomBytes, randomUUID } from 'node:crypto';

/** What stands on a payment, and what is sent of it; PROVIDERS.md §6.3. */
export interface Card {
  issuerCode: string;
  /** Masked as Toss masks it: `12345678****123*`. */
  number: string;
}

export interface Cancel {
  cancelAmount: number;
  cancelReason: string;
  canceledAtMs: number;
  transactionKey: string;
}

export interface SimulatedPayment {
  paymentKey: string;
  type: 'NORMAL' | 'BILLING';
  orderId: string;
  orderName: string;
  status: 'IN_PROGRESS' | 'DONE' | 'CANCELED' | 'PARTIAL_CANCELED' | 'ABORTED' | 'EXPIRED';
  totalAmount: number;
  requestedAtMs: number;
  approvedAtMs: number | null;
  transactionKey: string;
  card: Card;
  cancels: Cancel[];
  failure: { code: string; message: string } | null;
}

/** Error code → HTTP status; PROVIDERS.md §6.5. */
const STATUS_OF: Record<number, string> = {
  400: `ALREADY_PROCESSED_PAYMENT PROVIDER_ERROR DUPLICATED_ORDER_ID EXCEED_MAX_DAILY_PAYMENT_COUNT
    EXCEED_MAX_PAYMENT_AMOUNT CARD_PROCESSING_ERROR NOT_AVAILABLE_PAYMENT INVALID_REJECT_CARD INVALID_CARD_EXPIRATION
    INVALID_STOPPED_CARD INVALID_CARD_LOST_OR_STOLEN INVALID_CARD_NUMBER RESTRICTED_TRANSFER_ACCOUNT
    NOT_SUPPORTED_CARD_TYPE NOT_FOUND_BILLING_KEY ALREADY_REMOVED_BILLING_KEY INVALID_BILL_KEY_REQUEST
    INVALID_BILLING_AUTH INVALID_REQUEST INVALID_API_KEY BELOW_MINIMUM_AMOUNT UNAPPROVED_ORDER_ID
    INVALID_AUTHORIZE_AUTH NOT_MATCHES_CUSTOMER_KEY INVALID_CARD_INSTALLMENT_PLAN EXCEED_MAX_CARD_INSTALLMENT_PLAN
    NOT_SUPPORTED_INSTALLMENT_PLAN_CARD_OR_MERCHANT NOT_SUPPORTED_MONTHLY_INSTALLMENT_PLAN INVALID_IDEMPOTENCY_KEY
    ALREADY_CANCELED_PAYMENT NOT_MATCHES_REFUNDABLE_AMOUNT REFUND_REJECTED`,
  401: 'UNAUTHORIZED_KEY',
  403: `REJECT_CARD_PAYMENT REJECT_ACCOUNT_PAYMENT REJECT_CARD_COMPANY EXCEED_MAX_ONE_DAY_AMOUNT EXCEED_MAX_AUTH_COUNT
    NOT_AVAILABLE_BANK FDS_ERROR INVALID_PASSWORD INCORRECT_BASIC_AUTH_FORMAT FORBIDDEN_REQUEST NOT_CANCELABLE_AMOUNT
    NOT_CANCELABLE_PAYMENT FORBIDDEN_CONSECUTIVE_REQUEST EXCEED_MAX_REFUND_DUE NOT_ALLOWED_PARTIAL_REFUND`,
  404: 'NOT_FOUND_PAYMENT NOT_FOUND_PAYMENT_SESSION NOT_FOUND',
  409: 'IDEMPOTENT_REQUEST_PROCESSING',
  500: `FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING FAILED_INTERNAL_SYSTEM_PROCESSING UNKNOWN_PAYMENT_ERROR
    FAILED_DB_PROCESSING FAILED_CARD_COMPANY_RESPONSE COMMON_ERROR FAILED_REFUND_PROCESS FAILED_METHOD_HANDLING_CANCEL
    FAILED_PARTIAL_REFUND`,
};

export interface WireAnswer {
  status: number;
  body: unknown;
}

export const errorOf = (code: string): WireAnswer => {
  const [status] = Object.entries(STATUS_OF).find(([, codes]) => codes.split(/\s+/).includes(code)) ?? [
    '400',
  ];
  return { status: Number(status), body: { code, message: `시뮬레이터가 ${code}(으)로 답해요.` } };
};

export const balanceOf = ({ totalAmount, cancels }: SimulatedPayment): number =>
  cancels.reduce((left, { cancelAmount }) => left - cancelAmount, totalAmount);

/** `2026-11-08T12:00:00+09:00` */
export const wireTime = (ms: number): string =>
  new Date(ms + 9 * 3_600_000).toISOString().replace(/\.\d{3}Z$/, '+09:00');

export const newTransactionKey = (): string => randomBytes(16).toString('hex').toUpperCase();

export const randomCard = (): Card => {
  const digits = Array.from(randomBytes(11), (byte) => byte % 10).join('');
  return { issuerCode: '11', number: `${digits.slice(0, 8)}****${digits.slice(8)}*` };
};

export function cardOnWire(card: Card, amount?: number) {
  const acquirer = { acquirerCode: card.issuerCode, cardType: '신용', ownerType: '개인' };
  if (amount === undefined) return { ...card, ...acquirer };
  return {
    ...{ amount, ...card, ...acquirer },
    ...{ installmentPlanMonths: 0, approveNo: '00000000', useCardPoint: false, acquireStatus: 'READY' },
    ...{ isInterestFree: false, interestPayer: null },
  };
}

export function onWire(payment: SimulatedPayment) {
  const { totalAmount, cancels, approvedAtMs } = payment;
  const vat = Math.floor(totalAmount / 11);
  return {
    ...{ version: '2022-11-16', mId: 'withbowwow', paymentKey: payment.paymentKey, type: payment.type },
    ...{ orderId: payment.orderId, orderName: payment.orderName, currency: 'KRW', method: '카드' },
    ...{ totalAmount, balanceAmount: balanceOf(payment), status: payment.status },
    requestedAt: wireTime(payment.requestedAtMs),
    approvedAt: approvedAtMs === null ? null : wireTime(approvedAtMs),
    ...{ useEscrow: false, lastTransactionKey: cancels.at(-1)?.transactionKey ?? payment.transactionKey },
    ...{ suppliedAmount: totalAmount - vat, vat, taxFreeAmount: 0, taxExemptionAmount: 0 },
    ...{ cultureExpense: false, isPartialCancelable: true },
    cancels:
      cancels.length === 0
        ? null
        : cancels.map(({ canceledAtMs, ...cancel }) => ({
            ...cancel,
            ...{ taxFreeAmount: 0, taxExemptionAmount: 0, refundableAmount: balanceOf(payment) },
            ...{ easyPayDiscountAmount: 0, canceledAt: wireTime(canceledAtMs) },
            ...{ receiptKey: null, cancelStatus: 'DONE' },
          })),
    card: cardOnWire(payment.card, totalAmount),
    secret: 'ps_simulated',
    receipt: { url: `https://receipt.example/${payment.orderId}` },
    checkout: { url: `https://checkout.example/${payment.orderId}` },
    ...{ easyPay: null, virtualAccount: null, transfer: null, mobilePhone: null, giftCertificate: null },
    ...{ cashReceipt: null, cashReceipts: null, discount: null, country: 'KR', failure: payment.failure },
  };
}

const PAGE_AT_MOST = 5_000;

/**
 * A row for each payment and each cancel, oldest first; `startingAfter` names the last row of the page before.
 * Null: the query makes no sense.
 */
export function transactionsOf(
  payments: readonly SimulatedPayment[],
  { startDate, endDate, startingAfter, limit = '100' }: Record<string, string>,
): object[] | null {
  const [fromMs, toMs] = [startDate, endDate].map((date) => Date.parse(`${date}+09:00`)) as [number, number];
  if (!Number.isFinite(fromMs) || !Number.isFinite(toMs) || Number(limit) > PAGE_AT_MOST) return null;
  const rows = payments
    .flatMap(rowsOf)
    .filter(({ atMs }) => atMs >= fromMs && atMs <= toMs)
    .sort((a, b) => a.atMs - b.atMs);
  const from = startingAfter
    ? rows.findIndex(({ transactionKey }) => transactionKey === startingAfter) + 1
    : 0;
  return rows
    .slice(from, from + Number(limit))
    .map(({ atMs, ...row }) => ({ ...row, transactionAt: wireTime(atMs) }));
}

function rowsOf(payment: SimulatedPayment) {
  const { paymentKey, orderId, totalAmount, transactionKey, approvedAtMs, cancels } = payment;
  if (approvedAtMs === null) return [];
  const row = { mId: 'withbowwow', paymentKey, orderId, method: '카드', useEscrow: false, currency: 'KRW' };
  return [
    { ...row, transactionKey, amount: totalAmount, status: 'DONE', atMs: approvedAtMs },
    ...cancels.map((cancel, index) => ({
      ...{ ...row, transactionKey: cancel.transactionKey, amount: cancel.cancelAmount },
      status:
        balanceOf({ ...payment, cancels: cancels.slice(0, index + 1) }) === 0
          ? 'CANCELED'
          : 'PARTIAL_CANCELED',
      atMs: cancel.canceledAtMs,
    })),
  ];
}

export interface WebhookRequest {
  headers: Record<string, string>;
  body: string;
}

export interface WebhookOverrides {
  transmissionId?: string;
  retriedCount?: number;
  /** Replaces headers; undefined leaves one out. */
  headers?: Record<string, string | undefined>;
}

/** As Toss sends it; PROVIDERS.md §6.6. */
export function webhookRequest(
  eventType: string,
  data: object,
  nowMs: number,
  { transmissionId = randomUUID(), retriedCount = 0, headers = {} }: WebhookOverrides = {},
): WebhookRequest {
  const createdAt = wireTime(nowMs).replace('+09:00', '.000000');
  const all = {
    'content-type': 'application/json',
    'tosspayments-webhook-transmission-id': transmissionId,
    'tosspayments-webhook-transmission-time': wireTime(nowMs),
    'tosspayments-webhook-transmission-retried-count': String(retriedCount),
    ...headers,
  };
  return {
    headers: Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => !!entry[1])),
    body: JSON.stringify({ eventType, createdAt, data }),
  };
}
