import { Inject, Injectable, Logger } from '@nestjs/common';
import { OAuth2Client } from 'google-auth-library';
import { CONFIG, type Config } from '../../../config/config.js';
import { HttpClient } from '../../../platform/outbound/http-client.js';
import { storeNotConfigured, storeUnavailable, webhookRefused } from '../payments.errors.js';

const ISSUERS = ['https://accounts.google.com', 'accounts.google.com'];

/** How the library's messages begin; the rest of them quotes the token, so only these words are logged. */
const FAULTS: readonly [start: string, fault: string][] = [
  ['Wrong recipient', 'wrong-audience'],
  ['Invalid issuer', 'wrong-issuer'],
  ['Token used too late', 'expired'],
  ['Token used too early', 'not-yet-valid'],
  ['Expiration time too far', 'valid-too-long'],
  ['Invalid token signature', 'bad-signature'],
  ['No pem found', 'unknown-key'],
];

/** Whether a push is from our Pub/Sub subscription (PROVIDERS.md §5.2). */
@Injectable()
export class GooglePushSender {
  private readonly log = new Logger(GooglePushSender.name);
  private readonly client: OAuth2Client | null;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    http: HttpClient,
  ) {
    const { googlePlay, outbound } = config;
    this.client =
      googlePlay &&
      new OAuth2Client({
        endpoints: { oauth2FederatedSignonPemCertsUrl: googlePlay.certsUrl },
        issuers: ISSUERS,
        transporterOptions: {
          // Bounded in time and size as all calls to the outside are; the library itself tries again.
          fetchImplementation: async (url) => {
            const address = url instanceof Request ? url.url : url.toString();
            const bounds = { timeoutMs: outbound.timeoutMs };
            const { status, headers, text } = await http.request('google-certs', address, {}, bounds);
            return new Response(text, { status, headers });
          },
        },
      });
  }

  /** @throws webhook-refused, provider-unavailable, provider-not-configured */
  async check(authorization: string | undefined, subscription: string | undefined): Promise<void> {
    const { googlePlay } = this.config;
    if (!googlePlay) throw storeNotConfigured();
    const [scheme, idToken] = authorization?.split(' ') ?? [];
    if (scheme?.toLowerCase() !== 'bearer' || !idToken) throw this.refuse('no-token');
    const claims = await this.claimsOf(idToken, googlePlay.push.audience);
    if (claims?.email !== googlePlay.push.email) throw this.refuse('wrong-sender');
    if (claims.email_verified !== true) throw this.refuse('email-not-verified');
    if (subscription !== googlePlay.push.subscription) throw this.refuse('wrong-subscription');
  }

  private async claimsOf(idToken: string, audience: string) {
    const certificates = await this.certificates();
    try {
      const ticket = await this.client!.verifySignedJwtWithCertsAsync(
        idToken,
        certificates,
        audience,
        ISSUERS,
      );
      return ticket.getPayload();
    } catch (error) {
      throw this.refuse(faultOf(error));
    }
  }

  /** Google's keys, kept for as long as Google says: asked for apart, as not to have them is our trouble, not the sender's. */
  private async certificates(): Promise<Record<string, string>> {
    try {
      const { certs } = await this.client!.getFederatedSignonCerts();
      if (typeof certs === 'object') return certs as Record<string, string>;
    } catch (error) {
      // Only its kind: the message may quote what was answered.
      this.log.warn({ store: 'google', fault: (error as Error).name }, "Google's keys are not to be had");
    }
    throw storeUnavailable();
  }

  private refuse(fault: string) {
    this.log.warn({ store: 'google', fault }, 'webhook refused');
    return webhookRefused();
  }
}

function faultOf(error: unknown): string {
  const { message } = error as Error;
  return FAULTS.find(([start]) => message.startsWith(start))?.[1] ?? 'malformed';
}
