import {
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
} from 'jose';
import { z } from 'zod';
import type { Clock } from '../../../platform/clock/clock.js';

/** What a provider publishes its keys as. */
export const jwks = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

const KEEP_KEYS_MS = 6 * 3_600_000;
/** Providers rotate keys without notice, and may block who asks too often. */
const REFETCH_KEYS_MS = 60_000;

export type TokenFault =
  'malformed' | 'unknown-key' | 'bad-signature' | 'wrong-issuer' | 'wrong-audience' | 'expired';

export class TokenRefused extends Error {
  constructor(readonly fault: TokenFault) {
    super(fault);
    this.name = 'TokenRefused';
  }
}

export interface TokenExpectation {
  issuer: string;
  audience: string[];
  requiredClaims: string[];
  typ?: string;
}

/** Judges what a provider signed (RS256 only). Keys come from the provider's fixed address, never from the token. */
export class ProviderTokens {
  private keys: JWTVerifyGetKey | null = null;
  private askedAtMs = -Infinity;
  private asking: Promise<JWTVerifyGetKey> | null = null;

  constructor(
    private readonly fetchKeys: () => Promise<JSONWebKeySet>,
    private readonly clock: Clock,
  ) {}

  /** @throws TokenRefused, or whatever `fetchKeys` throws */
  async verify(token: string, expected: TokenExpectation): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, this.keyOf, {
        ...expected,
        algorithms: ['RS256'],
        currentDate: this.clock.now(),
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) throw new TokenRefused(faultOf(error));
      throw error;
    }
  }

  private readonly keyOf: JWTVerifyGetKey = async (header, token) => {
    const keys = this.keys && this.ageMs() < KEEP_KEYS_MS ? this.keys : await this.refetch();
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || this.ageMs() < REFETCH_KEYS_MS) throw error;
      return (await this.refetch())(header, token);
    }
  };

  private ageMs(): number {
    return this.clock.nowMs() - this.askedAtMs;
  }

  /** Everybody who waits for keys waits for the same request. */
  private refetch(): Promise<JWTVerifyGetKey> {
    this.asking ??= this.fetchOnce().finally(() => (this.asking = null));
    return this.asking;
  }

  private async fetchOnce(): Promise<JWTVerifyGetKey> {
    this.askedAtMs = this.clock.nowMs();
    this.keys = createLocalJWKSet(await this.fetchKeys());
    return this.keys;
  }
}

function faultOf(error: errors.JOSEError): TokenFault {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWKSNoMatchingKey) return 'unknown-key';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'bad-signature';
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'iss') return 'wrong-issuer';
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud') return 'wrong-audience';
  return 'malformed';
}
