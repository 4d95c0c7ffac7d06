import fc from 'fast-check';
import { outcomeOf, type TossPayment } from './outcome.js';
import { cancellingClassOf, isAboutSettings, payingClassOf } from './toss-errors.js';

/** PROVIDERS.md §6.5, word for word. */
const DOCUMENTED = {
  unknown: `IDEMPOTENT_REQUEST_PROCESSING ALREADY_PROCESSED_PAYMENT PROVIDER_ERROR DUPLICATED_ORDER_ID
    FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING FAILED_INTERNAL_SYSTEM_PROCESSING UNKNOWN_PAYMENT_ERROR
    FAILED_DB_PROCESSING FAILED_CARD_COMPANY_RESPONSE COMMON_ERROR`,
  soft: `REJECT_CARD_PAYMENT REJECT_ACCOUNT_PAYMENT REJECT_CARD_COMPANY EXCEED_MAX_ONE_DAY_AMOUNT
    EXCEED_MAX_AUTH_COUNT NOT_AVAILABLE_BANK EXCEED_MAX_DAILY_PAYMENT_COUNT EXCEED_MAX_PAYMENT_AMOUNT
    CARD_PROCESSING_ERROR NOT_AVAILABLE_PAYMENT`,
  hard: `INVALID_REJECT_CARD INVALID_CARD_EXPIRATION INVALID_STOPPED_CARD INVALID_CARD_LOST_OR_STOLEN
    INVALID_CARD_NUMBER RESTRICTED_TRANSFER_ACCOUNT NOT_SUPPORTED_CARD_TYPE NOT_FOUND_BILLING_KEY
    ALREADY_REMOVED_BILLING_KEY INVALID_BILL_KEY_REQUEST INVALID_BILLING_AUTH FDS_ERROR INVALID_PASSWORD`,
  refused: `INVALID_REQUEST INVALID_API_KEY BELOW_MINIMUM_AMOUNT UNAPPROVED_ORDER_ID INVALID_AUTHORIZE_AUTH
    NOT_MATCHES_CUSTOMER_KEY INVALID_CARD_INSTALLMENT_PLAN EXCEED_MAX_CARD_INSTALLMENT_PLAN
    NOT_SUPPORTED_INSTALLMENT_PLAN_CARD_OR_MERCHANT NOT_SUPPORTED_MONTHLY_INSTALLMENT_PLAN UNAUTHORIZED_KEY
    INCORRECT_BASIC_AUTH_FORMAT FORBIDDEN_REQUEST NOT_FOUND_PAYMENT NOT_FOUND_PAYMENT_SESSION NOT_FOUND`,
};
const DOCUMENTED_OF_CANCEL = `ALREADY_CANCELED_PAYMENT INVALID_REFUND_ACCOUNT_INFO INVALID_REFUND_ACCOUNT_NUMBER
  INVALID_BANK EXCEED_CANCEL_AMOUNT_DISCOUNT_AMOUNT NOT_MATCHES_REFUNDABLE_AMOUNT PROVIDER_ERROR REFUND_REJECTED
  ALREADY_REFUND_PAYMENT FORBIDDEN_BANK_REFUND_REQUEST INVALID_REQUEST UNAUTHORIZED_KEY NOT_CANCELABLE_AMOUNT
  NOT_CANCELABLE_PAYMENT FORBIDDEN_CONSECUTIVE_REQUEST FORBIDDEN_REQUEST EXCEED_MAX_REFUND_DUE EXCEED_CANCEL_LIMIT
  NOT_ALLOWED_PARTIAL_REFUND NOT_ALLOWED_PARTIAL_REFUND_WAITING_DEPOSIT NOT_AVAILABLE_BANK
  NOT_CANCELABLE_PAYMENT_FOR_DORMANT_USER INCORRECT_BASIC_AUTH_FORMAT NOT_FOUND_PAYMENT
  FAILED_INTERNAL_SYSTEM_PROCESSING FAILED_REFUND_PROCESS FAILED_METHOD_HANDLING_CANCEL FAILED_PARTIAL_REFUND
  COMMON_ERROR IDEMPOTENT_REQUEST_PROCESSING`;

it.each(
  Object.entries(DOCUMENTED).flatMap(([kind, codes]) => codes.split(/\s+/).map((code) => [code, kind])),
)('S10 %s of a payment is %s', (code, kind) => expect(payingClassOf(code)).toBe(kind));

it.each(DOCUMENTED_OF_CANCEL.split(/\s+/))('a cancel knows %s', (code) =>
  expect(['unknown', 'refused']).toContain(cancellingClassOf(code)),
);

it('a cancel that was made already, or may have been, is looked up', () => {
  for (const code of ['ALREADY_CANCELED_PAYMENT', 'FAILED_REFUND_PROCESS', 'IDEMPOTENT_REQUEST_PROCESSING'])
    expect(cancellingClassOf(code)).toBe('unknown');
});

it('what is in no table has no class', () => {
  const known = new Set(Object.values(DOCUMENTED).join(' ').split(/\s+/).concat('INVALID_IDEMPOTENCY_KEY'));
  fc.assert(fc.property(fc.string(), (code) => expect(payingClassOf(code) === null).toBe(!known.has(code))));
  for (const word of ['constructor', '__proto__', 'A_CODE_OF_TOMORROW', ''])
    expect([payingClassOf(word), cancellingClassOf(word)]).toEqual([null, null]);
});

it('our key is not the user to blame', () => {
  expect(['UNAUTHORIZED_KEY', 'INVALID_API_KEY', 'INVALID_CARD_NUMBER'].map(isAboutSettings)).toEqual([
    true,
    true,
    false,
  ]);
});

describe('a payment that was looked up', () => {
  const payment = (status: string, failureCode: string | null = null): TossPayment => ({
    ...{ paymentKey: 'key', orderId: 'order-1', status, totalAmountKrw: 4_900, balanceAmountKrw: 4_900 },
    ...{ approvedAt: null, receiptUrl: null, cancels: [], failureCode },
  });

  it.each(['DONE', 'CANCELED', 'PARTIAL_CANCELED'])('%s was paid', (status) =>
    expect(outcomeOf(payment(status)).kind).toBe('done'),
  );
  it.each(['READY', 'IN_PROGRESS', 'WAITING_FOR_DEPOSIT', 'OF_TOMORROW'])('%s is not decided', (status) =>
    expect(outcomeOf(payment(status))).toEqual({ kind: 'unknown', code: status }),
  );
  it.each([
    ['EXPIRED', null, 'soft', 'EXPIRED'],
    ['ABORTED', null, 'soft', 'ABORTED'],
    ['ABORTED', 'REJECT_CARD_COMPANY', 'soft', 'REJECT_CARD_COMPANY'],
    ['ABORTED', 'INVALID_STOPPED_CARD', 'hard', 'INVALID_STOPPED_CARD'],
    ['ABORTED', 'A_CODE_OF_TOMORROW', 'soft', 'A_CODE_OF_TOMORROW'],
  ])('%s for %s is a %s decline', (status, failure, decline, code) =>
    expect(outcomeOf(payment(status, failure))).toEqual({ kind: 'declined', decline, code }),
  );
});
