import { Inject, Injectable, Logger } from '@nestjs/common';
import { importPKCS8, type JWTPayload, SignJWT } from 'jose';
import { z } from 'zod';
import { CONFIG, type Config } from '../../../config/config.js';
import { Clock } from '../../../platform/clock/clock.js';
import { Database } from '../../../platform/database/database.js';
import { HttpClient } from '../../../platform/outbound/http-client.js';
import { callbackRefused, rejectLogin, notConfigured, unavailable } from '../auth.errors.js';
import type { AppleLogin } from '../auth.schemas.js';
import { checkNonce } from '../nonces.js';
import { identityClaims } from './identity-token.js';
import type { ProvenAccount } from './proof.js';
import { ProviderApi } from './provider-api.js';
import { jwks, ProviderTokens, TokenRefused } from './provider-tokens.js';

const ISSUER = 'https://appleid.apple.com';
const CLIENT_SECRET_TTL_S = 300;

const tokenAnswer = z.object({ id_token: z.string(), refresh_token: z.string().optional() });
const tokenError = z.object({ error: z.string() });

/** Wire formats: PROVIDERS.md §3. */
@Injectable()
export class Apple {
  private readonly log = new Logger(Apple.name);
  private readonly api: ProviderApi;
  private readonly tokens: ProviderTokens;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    http: HttpClient,
    private readonly clock: Clock,
    private readonly db: Database,
  ) {
    this.api = new ProviderApi(http, 'apple', config.outbound.timeoutMs);
    this.tokens = new ProviderTokens(() => this.fetchKeys(), clock);
  }

  /** @throws login-rejected, login-for-another-app, provider-unavailable, provider-not-configured */
  async prove(login: AppleLogin): Promise<ProvenAccount> {
    const { clientIds } = this.settings();
    const { nonce, name = null } = login;
    await checkNonce(this.db, nonce, this.clock.now());
    const { sub, aud } = await identityClaims(this.tokens, login.identityToken, {
      issuer: ISSUER,
      audience: clientIds,
      nonce,
    });
    const { id_token, refresh_token } = await this.exchange(login, aud);
    const owner = await identityClaims(this.tokens, id_token, { issuer: ISSUER, audience: [aud] });
    if (owner.sub !== sub) throw rejectLogin('subject-mismatch');
    const grant = refresh_token ? { clientId: aud, refreshToken: refresh_token } : null;
    return { provider: 'apple', providerUserId: sub, nickname: name, nonce, grant };
  }

  /** @throws callback-refused, provider-unavailable, provider-not-configured */
  async readNotification(payload: string): Promise<JWTPayload> {
    const audience = this.settings().clientIds;
    try {
      return await this.tokens.verify(payload, {
        issuer: ISSUER,
        audience,
        requiredClaims: ['jti', 'events'],
      });
    } catch (error) {
      if (error instanceof TokenRefused) throw callbackRefused();
      throw error;
    }
  }

  /**
   * Ends the connection of somebody who leaves (App Review Guideline 5.1.1(v)).
   * @param clientId that the token was made for
   * @throws provider-unavailable, provider-not-configured
   */
  async revoke(refreshToken: string, clientId: string): Promise<void> {
    const answer = await this.api.ask(`${this.settings().baseUrl}/auth/revoke`, {
      method: 'POST',
      form: {
        client_id: clientId,
        client_secret: await this.clientSecret(clientId),
        token: refreshToken,
        token_type_hint: 'refresh_token',
      },
      retry: true,
    });
    if (answer.status === 200) return; // also when it was revoked before
    const { error } = this.api.read(tokenError, answer);
    this.log.error({ error }, 'Apple does not revoke a token');
    throw unavailable('apple');
  }

  private async exchange({ authorizationCode, redirectUri }: AppleLogin, clientId: string) {
    const answer = await this.api.ask(`${this.settings().baseUrl}/auth/token`, {
      method: 'POST',
      form: {
        grant_type: 'authorization_code',
        client_id: clientId,
        client_secret: await this.clientSecret(clientId),
        code: authorizationCode,
        ...(redirectUri && { redirect_uri: redirectUri }),
      },
    });
    if (answer.status === 200) return this.api.read(tokenAnswer, answer);
    const { error } = this.api.read(tokenError, answer);
    if (error === 'invalid_grant') throw rejectLogin('code-refused');
    this.log.error(
      { error },
      'Apple refuses our settings, or a code was sent with the token of another client',
    );
    throw unavailable('apple');
  }

  /** `sub` must be the client that the code was made for, or Apple says invalid_client. */
  private async clientSecret(clientId: string): Promise<string> {
    const { teamId, keyId, privateKeyPem } = this.settings();
    const nowS = Math.floor(this.clock.nowMs() / 1000);
    return new SignJWT()
      .setProtectedHeader({ alg: 'ES256', kid: keyId })
      .setIssuer(teamId)
      .setIssuedAt(nowS)
      .setExpirationTime(nowS + CLIENT_SECRET_TTL_S)
      .setAudience(ISSUER)
      .setSubject(clientId)
      .sign(await importPKCS8(privateKeyPem, 'ES256'));
  }

  private async fetchKeys() {
    return this.api.read(jwks, await this.api.ask(`${this.settings().baseUrl}/auth/keys`, { retry: true }));
  }

  private settings() {
    if (!this.config.apple) throw notConfigured('apple');
    return this.config.apple;
  }
}
