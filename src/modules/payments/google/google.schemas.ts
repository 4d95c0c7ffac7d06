import { z } from 'zod';
import { Plan, Store, SubscriptionState } from '../../../generated/prisma/enums.js';
import { asciiToken, id, instant } from '../../../platform/http/schemas.js';

const MAX_TOKEN_LENGTH = 2_048;

/** Whatever comes: only its sender is judged before it is answered (PROVIDERS.md §5.3). */
export const googlePush = z.unknown().meta({ id: 'GooglePush', description: 'Pub/Sub push 메시지' });

export const googlePurchaseIn = z
  .strictObject({
    purchaseToken: asciiToken(MAX_TOKEN_LENGTH),
    transfer: z
      .boolean()
      .default(false)
      .meta({ description: '다른 계정에서 쓰던 구독을 이 계정으로 옮긴다 (30일에 한 번)' }),
  })
  .meta({ id: 'GooglePurchaseIn' });
export type GooglePurchaseIn = z.output<typeof googlePurchaseIn>;

export const googlePurchase = z
  .object({
    subscriptionId: id,
    store: z.enum(Store),
    state: z.enum(SubscriptionState),
    accessUntil: instant.nullable(),
    plan: z.enum(Plan).nullable(),
  })
  .meta({ id: 'GooglePurchase' });
export type GooglePurchase = z.output<typeof googlePurchase>;
