import { createHash } from 'node:crypto';
import { z } from 'zod';
import { loginForAnotherApp, type LoginRejection, rejectLogin } from '../auth.errors.js';
import { type ProviderTokens, type TokenFault, TokenRefused } from './provider-tokens.js';

const claims = z.object({
  sub: z.string().regex(/^[\x21-\x7e]{1,200}$/),
  aud: z.string(),
  nonce: z.string().optional(),
});

export interface IdentityExpectation {
  issuer: string;
  audience: string[];
  /** Absent: the token came straight from the provider, in exchange for a code. */
  nonce?: string;
}

/**
 * Who an OpenID Connect id_token is about.
 * @throws login-rejected, login-for-another-app, provider-unavailable
 */
export async function identityClaims(
  tokens: ProviderTokens,
  token: string,
  { issuer, audience, nonce }: IdentityExpectation,
): Promise<{ sub: string; aud: string }> {
  const parsed = claims.safeParse(await verified(tokens, token, issuer, audience));
  if (!parsed.success) throw rejectLogin('token-invalid');
  if (nonce !== undefined && !isNonce(parsed.data.nonce, nonce)) throw rejectLogin('nonce-mismatch');
  return parsed.data;
}

async function verified(
  tokens: ProviderTokens,
  token: string,
  issuer: string,
  audience: string[],
): Promise<unknown> {
  try {
    return await tokens.verify(token, { issuer, audience, requiredClaims: ['sub', 'exp'] });
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error;
    throw error.fault === 'wrong-audience' ? loginForAnotherApp() : rejectLogin(REJECTIONS[error.fault]);
  }
}

/** Some client libraries hand the provider the SHA-256 of the nonce. */
function isNonce(claimed: string | undefined, raw: string): boolean {
  return claimed === raw || claimed === createHash('sha256').update(raw).digest('hex');
}

const REJECTIONS: Record<Exclude<TokenFault, 'wrong-audience'>, LoginRejection> = {
  malformed: 'token-invalid',
  'unknown-key': 'token-invalid',
  'bad-signature': 'token-invalid',
  'wrong-issuer': 'wrong-issuer',
  expired: 'token-expired',
};
