import { z } from 'zod';
import { asciiToken } from '../../../platform/http/schemas.js';
import { transfer } from '../payments.schemas.js';

const SIGNED_MAX = 250_000;

/** PROVIDERS.md §4.1; what Apple adds to it some day is no reason to refuse it. */
export const appStoreNotification = z.object({ signedPayload: asciiToken(SIGNED_MAX) });

export const appleTransaction = z.strictObject({
  signedTransaction: asciiToken(SIGNED_MAX).meta({
    description: 'StoreKit 2의 `Transaction.jwsRepresentation`',
  }),
  transfer,
});
export type AppleTransaction = z.output<typeof appleTransaction>;
