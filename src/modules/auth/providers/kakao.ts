import { Inject, Injectable, Logger } from '@nestjs/common';
import type { JWTPayload } from 'jose';
import { z } from 'zod';
import { CONFIG, type Config } from '../../../config/config.js';
import { Clock } from '../../../platform/clock/clock.js';
import { sameSecret } from '../../../platform/crypto/secrets.js';
import { Database } from '../../../platform/database/database.js';
import { HttpClient, type OutboundAnswer } from '../../../platform/outbound/http-client.js';
import {
  callbackRefused,
  loginForAnotherApp,
  rejectLogin,
  notConfigured,
  unavailable,
  refuseSecurityEvent,
  type SecurityEventError,
} from '../auth.errors.js';
import type { KakaoLogin } from '../auth.schemas.js';
import { checkNonce } from '../nonces.js';
import { identityClaims } from './identity-token.js';
import type { ProvenAccount } from './proof.js';
import { ProviderApi } from './provider-api.js';
import { jwks, ProviderTokens, type TokenFault, TokenRefused } from './provider-tokens.js';

const ISSUER = 'https://kauth.kakao.com';

const userId = z.union([z.int().positive(), z.string().regex(/^\d{1,19}$/)]).transform(String);
const tokenAnswer = z.object({ access_token: z.string().min(1), id_token: z.string().optional() });
const tokenError = z.object({ error: z.string(), error_code: z.string().optional() });
const tokenInfo = z.object({ id: userId, app_id: z.int() });
const apiError = z.object({ code: z.int() });
const nickname = z.object({ nickname: z.string().optional() }).optional();
/** Everything but the id is a consent of its own. */
const profile = z.object({
  id: userId,
  properties: nickname,
  kakao_account: z.object({ profile: nickname }).optional(),
});

/** Codes of kapi that are about Kakao, not about the token: failure, maintenance, quota, timeout. */
const KAKAO_IN_TROUBLE = [-1, -7, -10, -603, -9798];

/** Codes of kapi: not linked to the app, no such Kakao account. */
const NOT_LINKED = [-101, -103];

/** Wire formats: PROVIDERS.md §1. */
@Injectable()
export class Kakao {
  private readonly log = new Logger(Kakao.name);
  private readonly api: ProviderApi;
  private readonly tokens: ProviderTokens;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    http: HttpClient,
    private readonly clock: Clock,
    private readonly db: Database,
  ) {
    this.api = new ProviderApi(http, 'kakao', config.outbound.timeoutMs);
    this.tokens = new ProviderTokens(() => this.fetchKeys(), clock);
  }

  /** @throws login-rejected, login-for-another-app, provider-unavailable, provider-not-configured */
  async prove(login: KakaoLogin): Promise<ProvenAccount> {
    const nonce = ('nonce' in login && login.nonce) || null;
    if (nonce) await checkNonce(this.db, nonce, this.clock.now());
    const accessToken = 'code' in login ? await this.exchange(login) : await this.checkApp(login.accessToken);
    const { id, properties, kakao_account } = this.api.read(
      profile,
      await this.get('/v2/user/me', accessToken),
    );
    const given = properties?.nickname ?? kakao_account?.profile?.nickname ?? null;
    return { provider: 'kakao', providerUserId: id, nickname: given, nonce, grant: null };
  }

  /**
   * The sender of the unlink webhook knows our admin key.
   * @throws callback-refused, provider-not-configured
   */
  checkSender(authorization: string | undefined, appId: string): void {
    const { adminKey, appId: ourAppId } = this.settings();
    const isKakao = sameSecret(authorization ?? '', `KakaoAK ${adminKey}`);
    if (!isKakao || appId !== ourAppId) throw callbackRefused();
  }

  /** @throws security-event-refused, provider-unavailable, provider-not-configured */
  async readSecurityEvent(token: string): Promise<JWTPayload> {
    const audience = [this.settings().clientId];
    try {
      return await this.tokens.verify(token, {
        issuer: ISSUER,
        audience,
        requiredClaims: ['jti', 'events'],
        typ: 'secevent+jwt',
      });
    } catch (error) {
      if (error instanceof TokenRefused) throw refuseSecurityEvent(SECURITY_EVENT_ERRORS[error.fault]);
      throw error;
    }
  }

  /**
   * Ends the connection of somebody who leaves; one that ended before is fine.
   * @throws provider-unavailable, provider-not-configured
   */
  async unlink(providerUserId: string): Promise<void> {
    const { apiBaseUrl, adminKey } = this.settings();
    const answer = await this.api.ask(`${apiBaseUrl}/v1/user/unlink`, {
      method: 'POST',
      headers: { authorization: `KakaoAK ${adminKey}` },
      form: { target_id_type: 'user_id', target_id: providerUserId },
      retry: true,
    });
    if (answer.status === 200) return;
    const { code } = this.api.read(apiError, answer);
    if (NOT_LINKED.includes(code)) return;
    this.log.error({ code }, 'Kakao does not unlink a user');
    throw unavailable('kakao');
  }

  private async exchange({
    code,
    redirectUri,
    nonce,
  }: Extract<KakaoLogin, { code: string }>): Promise<string> {
    const { authBaseUrl, clientId, clientSecret } = this.settings();
    const form = { grant_type: 'authorization_code', client_id: clientId, client_secret: clientSecret };
    const answer = await this.api.ask(`${authBaseUrl}/oauth/token`, {
      method: 'POST',
      form: { ...form, redirect_uri: redirectUri, code },
    });
    if (answer.status !== 200) throw this.refusalOf(answer);
    const { access_token, id_token } = this.api.read(tokenAnswer, answer);
    if (nonce)
      await identityClaims(this.tokens, id_token ?? '', { issuer: ISSUER, audience: [clientId], nonce });
    return access_token;
  }

  /** Another app's token for the same person works at /v2/user/me just as well, so this comes first. */
  private async checkApp(accessToken: string): Promise<string> {
    const info = this.api.read(tokenInfo, await this.get('/v1/user/access_token_info', accessToken));
    if (String(info.app_id) !== this.settings().appId) throw loginForAnotherApp();
    return accessToken;
  }

  private async get(path: string, accessToken: string): Promise<OutboundAnswer> {
    const headers = { authorization: `Bearer ${accessToken}` };
    const answer = await this.api.ask(`${this.settings().apiBaseUrl}${path}`, { headers, retry: true });
    if (answer.status === 200) return answer;
    if (KAKAO_IN_TROUBLE.includes(this.api.read(apiError, answer).code)) throw unavailable('kakao');
    throw rejectLogin('token-refused');
  }

  private refusalOf(answer: OutboundAnswer): Error {
    const { error, error_code } = this.api.read(tokenError, answer);
    if (error_code === 'KOE303' || error_code === 'KOE006') return rejectLogin('redirect-uri-mismatch');
    if (error === 'invalid_grant') return rejectLogin('code-refused');
    this.log.error({ error, errorCode: error_code }, 'Kakao refuses our settings: nobody can log in');
    return unavailable('kakao');
  }

  private async fetchKeys() {
    const url = `${this.settings().authBaseUrl}/.well-known/jwks.json`;
    return this.api.read(jwks, await this.api.ask(url, { retry: true }));
  }

  private settings() {
    if (!this.config.kakao) throw notConfigured('kakao');
    return this.config.kakao;
  }
}

const SECURITY_EVENT_ERRORS: Record<TokenFault, SecurityEventError> = {
  malformed: 'invalid_request',
  expired: 'invalid_request',
  'unknown-key': 'invalid_key',
  'bad-signature': 'invalid_key',
  'wrong-issuer': 'invalid_issuer',
  'wrong-audience': 'invalid_audience',
};
