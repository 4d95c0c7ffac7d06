import { z } from 'zod';
import { Plan, Store, SubscriptionState } from '../../../generated/prisma/enums.js';
import { asciiToken, id, instant } from '../../../platform/http/schemas.js';

const SIGNED_MAX = 250_000;

/** PROVIDERS.md §4.1; what Apple adds to it some day is no reason to refuse it. */
export const appStoreNotification = z.object({ signedPayload: asciiToken(SIGNED_MAX) });
export const appStoreNotificationReceived = z
  .object({ received: z.literal(true) })
  .meta({ id: 'AppStoreNotificationReceived' });

export const appleTransaction = z.strictObject({
  signedTransaction: asciiToken(SIGNED_MAX).meta({
    description: 'StoreKit 2의 `Transaction.jwsRepresentation`',
  }),
  transfer: z.boolean().default(false).meta({ description: '다른 계정에서 쓰던 구독을 이 계정으로 옮긴다' }),
});
export type AppleTransaction = z.output<typeof appleTransaction>;

export const reportedPurchase = z
  .object({
    subscriptionId: id,
    store: z.enum(Store),
    state: z.enum(SubscriptionState),
    accessUntil: instant.nullable(),
    plan: z.enum(Plan).nullable(),
  })
  .meta({ id: 'AppleReportedPurchase' });
