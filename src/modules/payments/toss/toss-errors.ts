/**
 * What an error code of Toss means for us; PROVIDERS.md §6.5.
 * unknown: it may have happened, look it up. soft: try again another day. hard: the card is no good any more.
 * refused: our request or our settings are wrong.
 */
export type ErrorClass = 'unknown' | 'soft' | 'hard' | 'refused';

/** Confirmations and charges. */
const PAYING: Record<ErrorClass, readonly string[]> = {
  unknown: [
    'IDEMPOTENT_REQUEST_PROCESSING',
    'ALREADY_PROCESSED_PAYMENT',
    'PROVIDER_ERROR',
    'DUPLICATED_ORDER_ID',
    'FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING',
    'FAILED_INTERNAL_SYSTEM_PROCESSING',
    'UNKNOWN_PAYMENT_ERROR',
    'FAILED_DB_PROCESSING',
    'FAILED_CARD_COMPANY_RESPONSE',
    'COMMON_ERROR',
  ],
  soft: [
    'REJECT_CARD_PAYMENT',
    'REJECT_ACCOUNT_PAYMENT',
    'REJECT_CARD_COMPANY',
    'EXCEED_MAX_ONE_DAY_AMOUNT',
    'EXCEED_MAX_AUTH_COUNT',
    'NOT_AVAILABLE_BANK',
    'EXCEED_MAX_DAILY_PAYMENT_COUNT',
    'EXCEED_MAX_PAYMENT_AMOUNT',
    'CARD_PROCESSING_ERROR',
    'NOT_AVAILABLE_PAYMENT',
  ],
  hard: [
    'INVALID_REJECT_CARD',
    'INVALID_CARD_EXPIRATION',
    'INVALID_STOPPED_CARD',
    'INVALID_CARD_LOST_OR_STOLEN',
    'INVALID_CARD_NUMBER',
    'RESTRICTED_TRANSFER_ACCOUNT',
    'NOT_SUPPORTED_CARD_TYPE',
    'NOT_FOUND_BILLING_KEY',
    'ALREADY_REMOVED_BILLING_KEY',
    'INVALID_BILL_KEY_REQUEST',
    'INVALID_BILLING_AUTH',
    'FDS_ERROR',
    'INVALID_PASSWORD',
  ],
  refused: [
    'INVALID_REQUEST',
    'INVALID_API_KEY',
    'BELOW_MINIMUM_AMOUNT',
    'UNAPPROVED_ORDER_ID',
    'INVALID_AUTHORIZE_AUTH',
    'NOT_MATCHES_CUSTOMER_KEY',
    'INVALID_CARD_INSTALLMENT_PLAN',
    'EXCEED_MAX_CARD_INSTALLMENT_PLAN',
    'NOT_SUPPORTED_INSTALLMENT_PLAN_CARD_OR_MERCHANT',
    'NOT_SUPPORTED_MONTHLY_INSTALLMENT_PLAN',
    'INVALID_IDEMPOTENCY_KEY',
    'UNAUTHORIZED_KEY',
    'INCORRECT_BASIC_AUTH_FORMAT',
    'FORBIDDEN_REQUEST',
    'NOT_FOUND_PAYMENT',
    'NOT_FOUND_PAYMENT_SESSION',
    'NOT_FOUND',
  ],
};

/** Refunds: nothing is declined, it is either looked up and tried again, or will never be. */
const CANCELLING: Record<'unknown' | 'refused', readonly string[]> = {
  unknown: [
    'IDEMPOTENT_REQUEST_PROCESSING',
    'ALREADY_CANCELED_PAYMENT',
    'ALREADY_REFUND_PAYMENT',
    'PROVIDER_ERROR',
    'FORBIDDEN_CONSECUTIVE_REQUEST',
    'NOT_AVAILABLE_BANK',
    'FAILED_INTERNAL_SYSTEM_PROCESSING',
    'FAILED_REFUND_PROCESS',
    'FAILED_METHOD_HANDLING_CANCEL',
    'FAILED_PARTIAL_REFUND',
    'COMMON_ERROR',
  ],
  refused: [
    'INVALID_REFUND_ACCOUNT_INFO',
    'INVALID_REFUND_ACCOUNT_NUMBER',
    'INVALID_BANK',
    'EXCEED_CANCEL_AMOUNT_DISCOUNT_AMOUNT',
    'NOT_MATCHES_REFUNDABLE_AMOUNT',
    'REFUND_REJECTED',
    'FORBIDDEN_BANK_REFUND_REQUEST',
    'INVALID_REQUEST',
    'INVALID_IDEMPOTENCY_KEY',
    'INVALID_API_KEY',
    'UNAUTHORIZED_KEY',
    'NOT_CANCELABLE_AMOUNT',
    'NOT_CANCELABLE_PAYMENT',
    'FORBIDDEN_REQUEST',
    'EXCEED_MAX_REFUND_DUE',
    'EXCEED_CANCEL_LIMIT',
    'NOT_ALLOWED_PARTIAL_REFUND',
    'NOT_ALLOWED_PARTIAL_REFUND_WAITING_DEPOSIT',
    'NOT_CANCELABLE_PAYMENT_FOR_DORMANT_USER',
    'INCORRECT_BASIC_AUTH_FORMAT',
    'NOT_FOUND_PAYMENT',
    'NOT_FOUND',
  ],
};

/** Our key or our contract with Toss, never the user's card or request. */
const SETTINGS = new Set([
  'INVALID_API_KEY',
  'UNAUTHORIZED_KEY',
  'INCORRECT_BASIC_AUTH_FORMAT',
  'FORBIDDEN_REQUEST',
]);

const byCode = (table: Partial<Record<ErrorClass, readonly string[]>>): ReadonlyMap<string, ErrorClass> =>
  new Map(Object.entries(table).flatMap(([kind, codes]) => codes.map((code) => [code, kind as ErrorClass])));

const payingClasses = byCode(PAYING);
const cancellingClasses = byCode(CANCELLING);

/** Null: not in the table. */
export const payingClassOf = (code: string): ErrorClass | null => payingClasses.get(code) ?? null;
export const cancellingClassOf = (code: string): ErrorClass | null => cancellingClasses.get(code) ?? null;
export const isAboutSettings = (code: string): boolean => SETTINGS.has(code);
