import { importPKCS8, SignJWT } from 'jose';
import { z } from 'zod';
import type { Config } from '../../../config/config.js';
import type { Clock } from '../../../platform/clock/clock.js';
import type { HttpClient } from '../../../platform/outbound/http-client.js';

const AUDIENCE = 'https://oauth2.googleapis.com/token';
const SCOPE = 'https://www.googleapis.com/auth/androidpublisher';
const ASSERTION_TTL_S = 3_600;
/** Asked anew so long before it expires. */
const MARGIN_MS = 5 * 60_000;

const tokenAnswer = z.object({ access_token: z.string(), expires_in: z.number() });

/** The service account's access token: a JWT that the account signs, for a token of an hour (RFC 7523). */
export class GoogleAccessToken {
  private current: { token: string; goodUntilMs: number } | null = null;
  private asking: Promise<string> | null = null;

  constructor(
    private readonly play: NonNullable<Config['googlePlay']>,
    private readonly http: HttpClient,
    private readonly clock: Clock,
    private readonly timeoutMs: number,
  ) {}

  /** Everybody who waits for one waits for the same request. @throws OutboundError, or Error when Google refuses us */
  get(): Promise<string> {
    if (this.current && this.clock.nowMs() < this.current.goodUntilMs)
      return Promise.resolve(this.current.token);
    this.asking ??= this.ask().finally(() => (this.asking = null));
    return this.asking;
  }

  /** It was refused. */
  drop(token: string): void {
    if (this.current?.token === token) this.current = null;
  }

  private async ask(): Promise<string> {
    const { serviceAccount, oauthBaseUrl } = this.play;
    const nowMs = this.clock.nowMs();
    const assertion = await new SignJWT({ scope: SCOPE })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
      .setIssuer(serviceAccount.clientEmail)
      .setAudience(AUDIENCE)
      .setIssuedAt(Math.floor(nowMs / 1_000))
      .setExpirationTime(Math.floor(nowMs / 1_000) + ASSERTION_TTL_S)
      .sign(await importPKCS8(serviceAccount.privateKeyPem, 'RS256'));
    const form = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion };
    const { status, text } = await this.http.request(
      'google-oauth',
      `${oauthBaseUrl}/token`,
      { method: 'POST', form, retry: true },
      { timeoutMs: this.timeoutMs },
    );
    // The text may repeat the assertion.
    if (status !== 200) throw new Error(`Google refuses our service account: ${status}`);
    const { access_token, expires_in } = tokenAnswer.parse(JSON.parse(text));
    this.current = { token: access_token, goodUntilMs: nowMs + expires_in * 1_000 - MARGIN_MS };
    return access_token;
  }
}
