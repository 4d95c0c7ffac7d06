import { Inject, Injectable, Logger } from '@nestjs/common';
import { z } from 'zod';
import { CONFIG, type Config } from '../../../config/config.js';
import { Clock } from '../../../platform/clock/clock.js';
import { Database } from '../../../platform/database/database.js';
import { HttpClient } from '../../../platform/outbound/http-client.js';
import { callbackRefused, rejectLogin, notConfigured, unavailable } from '../auth.errors.js';
import type { NaverDisconnect, NaverLogin } from '../auth.schemas.js';
import { checkNonce } from '../nonces.js';
import { disconnectedUserOf } from './naver-disconnect.js';
import type { ProvenAccount } from './proof.js';
import { ProviderApi } from './provider-api.js';

const tokenAnswer = z.object({
  access_token: z.string().min(1).optional(),
  refresh_token: z.string().min(1).optional(),
  error: z.string().optional(),
});
const profileAnswer = z.object({
  resultcode: z.string(),
  response: z
    .object({ id: z.string().regex(/^[\x21-\x7e]{1,64}$/), nickname: z.string().optional() })
    .optional(),
});

/** `error` of the token address that is about the code; the others are about us or about Naver. */
const CODE_ERRORS = ['invalid_request', 'invalid_grant'];
/** `resultcode` that is about the access token. */
const TOKEN_RESULTS = ['024', '028', '403'];

/** Wire formats: PROVIDERS.md §2. Naver tells nobody whose app a token belongs to, so only codes are taken. */
@Injectable()
export class Naver {
  private readonly log = new Logger(Naver.name);
  private readonly api: ProviderApi;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    http: HttpClient,
    private readonly clock: Clock,
    private readonly db: Database,
  ) {
    this.api = new ProviderApi(http, 'naver', config.outbound.timeoutMs);
  }

  /** @throws login-rejected, provider-unavailable, provider-not-configured */
  async prove(login: NaverLogin): Promise<ProvenAccount> {
    const { clientId } = this.settings();
    await checkNonce(this.db, login.state, this.clock.now());
    const { accessToken, refreshToken } = await this.exchange(login);
    const { id, nickname = null } = await this.profileOf(accessToken);
    const grant = refreshToken ? { clientId, refreshToken } : null;
    return { provider: 'naver', providerUserId: id, nickname, nonce: login.state, grant };
  }

  /** @returns whose connection ended @throws callback-refused, provider-not-configured */
  readDisconnect(notification: NaverDisconnect): string {
    const { clientId, clientSecret } = this.settings();
    const userId = disconnectedUserOf(notification, { clientId, clientSecret, now: this.clock.now() });
    if (userId === null) throw callbackRefused();
    return userId;
  }

  /**
   * Ends the connection of somebody who leaves, with the refresh token of their last login.
   * @throws provider-unavailable, provider-not-configured
   */
  async revoke(refreshToken: string): Promise<void> {
    const { authBaseUrl, clientId, clientSecret } = this.settings();
    const token = { token: refreshToken, token_type_hint: 'refresh_token' };
    const form = { client_id: clientId, client_secret: clientSecret, ...token };
    const url = `${authBaseUrl}/oauth2.0/revoke`;
    const { status } = await this.api.ask(url, { method: 'POST', form, retry: true });
    if (status === 200) return; // also when it was revoked before
    this.log.error({ status }, 'Naver does not revoke a token');
    throw unavailable('naver');
  }

  /** Errors come with any status, 200 included. */
  private async exchange({
    code,
    state,
  }: NaverLogin): Promise<{ accessToken: string; refreshToken?: string }> {
    const { authBaseUrl, clientId, clientSecret } = this.settings();
    const form = {
      grant_type: 'authorization_code',
      client_id: clientId,
      client_secret: clientSecret,
      code,
      state,
    };
    const answer = await this.api.ask(`${authBaseUrl}/oauth2.0/token`, { method: 'POST', form });
    const { access_token, refresh_token, error } = this.api.read(tokenAnswer, answer);
    if (error && CODE_ERRORS.includes(error)) throw rejectLogin('code-refused');
    if (error) this.log.error({ error }, 'Naver refuses our settings or is in trouble');
    if (error || !access_token) throw unavailable('naver');
    return { accessToken: access_token, refreshToken: refresh_token };
  }

  private async profileOf(accessToken: string) {
    const headers = { authorization: `Bearer ${accessToken}` };
    const answer = await this.api.ask(`${this.settings().apiBaseUrl}/v1/nid/me`, { headers, retry: true });
    const { resultcode, response } = this.api.read(profileAnswer, answer);
    if (TOKEN_RESULTS.includes(resultcode)) throw rejectLogin('token-refused');
    if (resultcode !== '00' || !response) throw unavailable('naver');
    return response;
  }

  private settings() {
    if (!this.config.naver) throw notConfigured('naver');
    return this.config.naver;
  }
}
