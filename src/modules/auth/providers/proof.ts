import type { ProviderName } from '../auth.errors.js';

/** An account at a provider that somebody was proven to own. E-mail is left out: it must never link anything. */
export interface ProvenAccount {
  provider: ProviderName;
  providerUserId: string;
  /** As the provider spells it, not cleaned. */
  nickname: string | null;
  /** The one-time value of ours that the proof answers; spent in the transaction that uses the proof. */
  nonce: string | null;
  /** Kept to end the grant when the account is erased. */
  grant: { clientId: string; refreshToken: string } | null;
}
