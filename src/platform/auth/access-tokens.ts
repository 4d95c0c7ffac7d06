import { createSecretKey, type KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import jwt from 'jsonwebtoken';
import { ExtractJwt } from 'passport-jwt';
import { z } from 'zod';
import { CONFIG, type Config, keyIdOf } from '../../config/config.js';
import { Clock } from '../clock/clock.js';

const ALGORITHM = 'HS256';
const ISSUER = 'withbowwow';
const AUDIENCE = 'withbowwow-app';
/** So many signatures are remembered as good: a token is shown with each request for 15 minutes. */
const REMEMBERED = 10_000;
/** How far another process's clock may be ahead. */
const CLOCK_SKEW_S = 60;

/** The token of a request's `Authorization: Bearer`, or null. */
const bearerOf = ExtractJwt.fromAuthHeaderAsBearerToken();

/** Exactly the claims we issue: anything else was not made by us. */
const claims = z.strictObject({
  sub: z.uuid(),
  sid: z.uuid(),
  iss: z.literal(ISSUER),
  aud: z.literal(AUDIENCE),
  iat: z.int(),
  exp: z.int(),
});

export type AccessClaims = z.output<typeof claims>;

const SIGNED = Symbol('SIGNED');

/** A request whose token was looked at, or was not yet: by then it has nothing under this name. */
interface Asking extends FastifyRequest {
  [SIGNED]?: AccessClaims | null;
}

/** Issues and judges access tokens (JWT, HS256). Two keys may be live while one is rotated out; `kid` tells them apart. */
@Injectable()
export class AccessTokens {
  private readonly keys: ReadonlyMap<string, KeyObject>;
  private readonly signingKeyId: string;
  /** What good tokens claim; the whole token is the key. */
  private readonly known = new Map<string, AccessClaims>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly clock: Clock,
  ) {
    const { secret, previousSecret } = config.jwt;
    if (!secret) throw new Error('JWT_SECRET_KEY is not set');
    this.signingKeyId = keyIdOf(secret);
    this.keys = new Map(
      // As objects: of a text, jsonwebtoken finds out at each verification that it is no public key.
      [secret, ...(previousSecret ? [previousSecret] : [])].map((key) => [
        keyIdOf(key),
        createSecretKey(key, 'utf8'),
      ]),
    );
  }

  issue(userId: string, sessionId: string): { token: string; expiresAt: Date } {
    const issuedAtS = Math.floor(this.clock.nowMs() / 1000);
    const expiresAtS = issuedAtS + this.config.jwt.accessTokenS;
    const payload: AccessClaims = {
      sub: userId,
      sid: sessionId,
      iss: ISSUER,
      aud: AUDIENCE,
      iat: issuedAtS,
      exp: expiresAtS,
    };
    const token = jwt.sign(payload, this.keys.get(this.signingKeyId)!, {
      algorithm: ALGORITHM,
      keyid: this.signingKeyId,
    });
    return { token, expiresAt: new Date(expiresAtS * 1000) };
  }

  /** The key a token names, if it is one of ours; nothing else in the header is looked at or fetched. */
  private keyFor(token: string): KeyObject | undefined {
    const keyId = headerOf(token)?.kid;
    return typeof keyId === 'string' ? this.keys.get(keyId) : undefined;
  }

  /** The claims of a token that is ours and good, or null. */
  verify(token: string): AccessClaims | null {
    return this.judge(this.signed(token));
  }

  /** The claims of the request's token, if that is ours and good, or null. */
  claimsOf(request: FastifyRequest): AccessClaims | null {
    return this.judge(this.shownBy(request));
  }

  /**
   * Whose the request's token is, which may have expired while its session can still be refreshed. Only for counting: it
   * lets nobody in.
   */
  subjectOf(request: FastifyRequest): string | null {
    return this.judge(this.shownBy(request), this.config.jwt.refreshTokenS)?.sub ?? null;
  }

  private shownBy(request: Asking): AccessClaims | null {
    if (request[SIGNED] !== undefined) return request[SIGNED];
    const token = bearerOf(request);
    return (request[SIGNED] = token ? this.signed(token) : null);
  }

  /** Judges claims whose signature was checked; the injected clock decides on expiry. */
  private judge(signed: AccessClaims | null, expiredSinceS = 0): AccessClaims | null {
    if (!signed) return null;
    const nowS = this.clock.nowMs() / 1000;
    return signed.exp + expiredSinceS <= nowS || signed.iat > nowS + CLOCK_SKEW_S ? null : signed;
  }

  /** The claims under a good signature. That is good for ever; whether the token has expired is judged each time. */
  private signed(token: string): AccessClaims | null {
    const known = this.known.get(token);
    if (known) return known;
    const key = this.keyFor(token);
    const { data = null } = claims.safeParse(key && verifiedPayload(token, key));
    if (!data) return null;
    if (this.known.size === REMEMBERED) this.known.clear();
    if (this.config.caches) this.known.set(token, data);
    return data;
  }
}

function verifiedPayload(token: string, key: KeyObject): unknown {
  try {
    return jwt.verify(token, key, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: AUDIENCE,
      ignoreExpiration: true,
    });
  } catch {
    return undefined; // signed by somebody else
  }
}

function headerOf(token: string): jwt.JwtHeader | undefined {
  try {
    return jwt.decode(token, { complete: true })?.header;
  } catch {
    return undefined; // a payload that is not JSON
  }
}
