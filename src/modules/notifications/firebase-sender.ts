import type { ClientRequestArgs } from 'node:http';
import { Agent } from 'node:https';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import { BrokenCircuitError, circuitBreaker, ConsecutiveBreaker, handleAll } from 'cockatiel';
import type { App } from 'firebase-admin/app';
import type { Message, Messaging } from 'firebase-admin/messaging';
import jwt from 'jsonwebtoken';
import { v4 as uuidv4 } from 'uuid';
import { z } from 'zod';
import { type Config, FCM_URL } from '../../config/config.js';
import type { Clock } from '../../platform/clock/clock.js';
import type { HttpClient } from '../../platform/outbound/http-client.js';
import { within } from '../../platform/within.js';
import { type PushMessage, type PushOutcome, PushSender } from './push-sender.js';

const MESSAGES_PER_CALL = 500;
const MAX_CONNECTIONS = 50;
const BREAKER_FAILURES = 5;
const BREAKER_REST_MS = 10_000;
/** Google asks for 10 s of patience, more than other providers get. */
const PATIENCE = 3;

const GOOGLE_TOKEN_URL = 'https://oauth2.googleapis.com/token';
const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';
const ASSERTION_TTL_S = 3600;
const tokenAnswer = z.object({ access_token: z.string(), expires_in: z.number() });

/** FCM's errors (PROVIDERS.md §11.2); what is not listed is tried again. */
const OUTCOMES: Record<string, PushOutcome> = {
  'messaging/registration-token-not-registered': 'dead',
  'messaging/invalid-registration-token': 'dead',
  'messaging/payload-size-limit-exceeded': 'refused',
  'messaging/invalid-payload': 'refused',
  'messaging/invalid-data-payload-key': 'refused',
  'messaging/invalid-options': 'refused',
};

/** Firebase Cloud Messaging over its own library, which is loaded with the first push. */
export class FirebaseSender extends PushSender implements OnApplicationShutdown {
  private readonly log = new Logger(FirebaseSender.name);
  private readonly agent: BoundedAgent;
  private readonly timeoutMs: number;
  private readonly tokenUrl: string;
  private readonly breaker = circuitBreaker(handleAll, {
    halfOpenAfter: BREAKER_REST_MS,
    breaker: new ConsecutiveBreaker(BREAKER_FAILURES),
  });
  private connected?: Promise<{ app: App; messaging: Messaging }>;
  /** Whether FCM took anything from this account: only then is it the token that a refusal is about. */
  private isProven = false;

  constructor(
    private readonly account: NonNullable<Config['firebase']>,
    { timeoutMs }: Config['outbound'],
    private readonly http: HttpClient,
    private readonly clock: Clock,
  ) {
    super();
    this.timeoutMs = timeoutMs * PATIENCE;
    this.tokenUrl = account.baseUrl === FCM_URL ? GOOGLE_TOKEN_URL : new URL('/token', account.baseUrl).href;
    this.agent = new BoundedAgent(account.baseUrl, this.timeoutMs);
  }

  override async send(messages: readonly PushMessage[]): Promise<PushOutcome[]> {
    const outcomes: PushOutcome[] = [];
    for (let from = 0; from < messages.length; from += MESSAGES_PER_CALL)
      outcomes.push(...(await this.sendCall(messages.slice(from, from + MESSAGES_PER_CALL))));
    return outcomes;
  }

  /** After the jobs: one that is sending still needs its connections. */
  async onApplicationShutdown(): Promise<void> {
    this.agent.destroy();
    if (!this.connected) return;
    const { deleteApp } = await import('firebase-admin/app');
    await this.connected.then(({ app }) => deleteApp(app)).catch(() => {}); // it never connected
  }

  /** The circuit opens when FCM takes nothing at all, several times in a row. */
  private async sendCall(messages: readonly PushMessage[]): Promise<PushOutcome[]> {
    try {
      return await this.breaker.execute(async () => {
        const outcomes = await this.sendOnce(messages);
        if (outcomes.every((outcome) => outcome === 'failed'))
          throw new Error('FCM took none of the messages');
        return outcomes;
      });
    } catch (error) {
      if (error instanceof BrokenCircuitError) this.log.warn({ reason: 'circuit-open' }, 'pushes not sent');
      return messages.map(() => 'failed');
    }
  }

  private async sendOnce(messages: readonly PushMessage[]): Promise<PushOutcome[]> {
    const messaging = await this.messaging();
    const { responses } = await this.inTime(
      messaging.sendEach(messages.map((message) => messageFor(message, this.clock.nowMs()))),
    );
    // First of all, as it tells what the refusals of the same call mean.
    if (responses.some(({ success }) => success)) this.isProven = true;
    const outcomes = responses.map(async ({ success, error }, i): Promise<PushOutcome> =>
      success ? 'delivered' : this.outcomeOf(error, messages[i]!.token),
    );
    return Promise.all(outcomes);
  }

  private async outcomeOf(error: unknown, token: string): Promise<PushOutcome> {
    const code = codeOf(error);
    const outcome = await this.judge(code, error, token);
    // The message quotes what FCM answered, and may repeat what we sent.
    if (outcome !== 'dead')
      this.log[outcome === 'refused' ? 'error' : 'warn']({ code, outcome }, 'push not sent');
    return outcome;
  }

  private async judge(code: string, error: unknown, token: string): Promise<PushOutcome> {
    if (isNotFromFcm(error)) return 'failed';
    // Either the token is of another project, or our account may not send at all.
    if (code === 'messaging/mismatched-credential') return this.isProven ? 'dead' : 'failed';
    if (code === 'messaging/invalid-argument') return this.isTokenInvalid(token);
    return OUTCOMES[code] ?? 'failed';
  }

  /** FCM says the same of a bad token and of a bad message: a message with nothing in it tells them apart. */
  private async isTokenInvalid(token: string): Promise<PushOutcome> {
    const messaging = await this.messaging();
    try {
      await this.inTime(messaging.send({ token }, true));
      return 'refused';
    } catch (error) {
      if (isNotFromFcm(error)) return 'failed';
      const code = codeOf(error);
      return code === 'messaging/invalid-argument' ? 'dead' : (OUTCOMES[code] ?? 'failed');
    }
  }

  private async messaging(): Promise<Messaging> {
    this.connected ??= this.connect();
    return (await this.connected).messaging;
  }

  private async connect() {
    const [{ initializeApp }, { getMessaging }] = await Promise.all([
      import('firebase-admin/app'),
      import('firebase-admin/messaging'),
    ]);
    const { projectId } = this.account;
    const credential = { getAccessToken: () => this.accessToken() };
    const app = initializeApp({ credential, projectId, httpAgent: this.agent }, uuidv4());
    const messaging = getMessaging(app);
    messaging.enableLegacyHttpTransport(); // the HTTP/2 one knows no agent, and fails a whole call at once
    withoutRetries(messaging);
    return { app, messaging };
  }

  /**
   * A JWT that the account signs, for an access token (RFC 7523). The library's own `cert()` waits for the
   * answer without end, and drops the agent it is given (13.10.0). Kept by the library until it expires, by the
   * machine's clock.
   */
  private async accessToken() {
    const { clientEmail: issuer, privateKeyPem } = this.account;
    const assertion = jwt.sign({ scope: SCOPE }, privateKeyPem, {
      algorithm: 'RS256',
      issuer,
      audience: GOOGLE_TOKEN_URL,
      expiresIn: ASSERTION_TTL_S,
    });
    const form = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion };
    const request = { method: 'POST', form, retry: true } as const;
    const { text } = await this.http.request('google', this.tokenUrl, request, { timeoutMs: this.timeoutMs });
    return tokenAnswer.parse(JSON.parse(text));
  }

  /** Whatever is still under way then may arrive yet: it has the collapse id of the next attempt. */
  private inTime<T>(work: Promise<T>): Promise<T> {
    return within(work, this.timeoutMs);
  }
}

/** Silence ends a connection. */
class BoundedAgent extends Agent {
  private readonly target: URL | null;

  /** @param baseUrl another one than FCM's own gets what is meant for FCM; http or https */
  constructor(
    baseUrl: string,
    private readonly silenceMs: number,
  ) {
    super({ keepAlive: true, maxSockets: MAX_CONNECTIONS, timeout: silenceMs });
    this.target = baseUrl === FCM_URL ? null : new URL(baseUrl);
  }

  override createConnection(
    options: ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const socket = this.open(options, callback);
    if (socket && 'setTimeout' in socket)
      socket.setTimeout(this.silenceMs, () => socket.destroy(new Error('FCM is silent')));
    return socket;
  }

  private open(options: ClientRequestArgs, callback?: (error: Error | null, stream: Duplex) => void) {
    if (!this.target) return super.createConnection(options, callback);
    const { protocol, hostname: host, port } = this.target;
    // The agent decides what HTTP is written to: a plain socket will do.
    if (protocol === 'http:') return connect({ host, port: Number(port || 80) });
    const redirected = { ...options, host, port: port || 443, servername: host };
    return super.createConnection(redirected, callback);
  }
}

/** The queue is the only one who tries again: the library would sleep in the middle of a job, for up to 4 min. */
function withoutRetries(messaging: Messaging): void {
  const { httpClient } = (
    messaging as unknown as { messagingRequestHandler: { httpClient: { retry?: unknown } } }
  ).messagingRequestHandler;
  if (!httpClient.retry) throw new Error('firebase-admin keeps its retries elsewhere now');
  httpClient.retry = undefined;
}

function messageFor(message: PushMessage, nowMs: number): Message {
  const { token, collapseId, title, body, data, badge, expiresAt } = message;
  const ttl = Math.max(0, expiresAt.getTime() - nowMs);
  return {
    token,
    notification: { title, body },
    data,
    android: { collapseKey: collapseId, priority: 'high', ttl, notification: { tag: collapseId } },
    apns: {
      headers: {
        'apns-collapse-id': collapseId,
        'apns-push-type': 'alert',
        'apns-priority': '10',
        'apns-expiration': String(Math.floor(expiresAt.getTime() / 1000)),
      },
      payload: { aps: { badge, sound: 'default' } },
    },
  };
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : 'unknown';
}

/** An answer without JSON is that of a proxy or a gateway, whatever its status says. */
const isNotFromFcm = (error: unknown): boolean =>
  error instanceof Error && error.message.includes('Raw server response');
