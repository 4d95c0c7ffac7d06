import { z } from 'zod';
import { asciiToken } from '../../../platform/http/schemas.js';
import { transfer } from '../payments.schemas.js';

const MAX_TOKEN_LENGTH = 2_048;

/** Whatever comes: only its sender is judged before it is answered (PROVIDERS.md §5.3). */
export const googlePush = z.unknown().meta({ id: 'GooglePush', description: 'Pub/Sub push 메시지' });

export const googlePurchaseIn = z
  .strictObject({ purchaseToken: asciiToken(MAX_TOKEN_LENGTH), transfer })
  .meta({ id: 'GooglePurchaseIn' });
export type GooglePurchaseIn = z.output<typeof googlePurchaseIn>;
