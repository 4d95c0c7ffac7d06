import { z } from 'zod';

const instantMs = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

/** Google's Money: whole units as text, and billionths. */
const money = z.object({
  currencyCode: z.string().length(3),
  units: z.string().regex(/^\d+$/).default('0'),
  nanos: z.int().default(0),
});

const lineItem = z.object({
  productId: z.string(),
  expiryTime: instantMs.optional(),
  latestSuccessfulOrderId: z.string().optional(),
  autoRenewingPlan: z
    .object({ autoRenewEnabled: z.boolean().default(false), recurringPrice: money.optional() })
    .optional(),
  offerDetails: z.object({ basePlanId: z.string().optional(), offerId: z.string().optional() }).optional(),
  offerPhase: z.record(z.string(), z.unknown()).optional(),
});
export type LineItem = z.output<typeof lineItem>;

/** What `purchases.subscriptionsv2.get` answers, as far as we read it (PROVIDERS.md §5.5). Times are ms since 1970. */
export const googleSnapshot = z.object({
  subscriptionState: z.string(),
  acknowledgementState: z.string().optional(),
  startTime: instantMs.optional(),
  linkedPurchaseToken: z.string().optional(),
  testPurchase: z.looseObject({}).optional(),
  externalAccountIdentifiers: z.object({ obfuscatedExternalAccountId: z.string().optional() }).optional(),
  pausedStateContext: z.object({ autoResumeTime: instantMs.optional() }).optional(),
  canceledStateContext: z.object({ replacementCancellation: z.looseObject({}).optional() }).optional(),
  lineItems: z.array(lineItem).default([]),
});
export type GoogleSnapshot = z.output<typeof googleSnapshot>;

/** One of `purchases.voidedpurchases`: money that was given back. */
const voidedPurchase = z.object({
  purchaseToken: z.string(),
  orderId: z.string(),
  voidedTimeMillis: z.coerce.number().int(),
  /** Only of a partial refund by quantity. */
  voidedQuantity: z.number().optional(),
});

export const voidedPage = z.object({
  voidedPurchases: z.array(voidedPurchase).default([]),
  tokenPagination: z.object({ nextPageToken: z.string().optional() }).optional(),
});
export type VoidedPage = z.output<typeof voidedPage>;
