import { generateKeyPairSync, randomBytes, verify, type KeyObject } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { IssuedSecrets } from './issued-secrets.js';
import { credentialOf, formOf, startSimulator, type Simulator, type SimulatorOptions } from './simulator.js';

/** A message as on the wire. */
export interface WireMessage {
  token: string;
  notification?: { title?: string; body?: string };
  data?: Record<string, string>;
  android?: {
    collapse_key?: string;
    priority?: string;
    ttl?: string;
    notification?: { tag?: string };
  };
  apns?: { headers?: Record<string, string>; payload?: { aps?: { badge?: number; sound?: string } } };
}

/** FCM's error codes; `PERMISSION_DENIED` is that of an account that may not send at all. */
export type FcmFailure = keyof typeof FAILURES;

export interface FailureMatch {
  /** Absent: every device. */
  token?: string;
  /** How many messages it hits; absent: all. */
  times?: number;
  /** A message with nothing but a token passes: it is the payload that is wrong. */
  exceptEmpty?: boolean;
}

export interface FcmSimulator extends Simulator {
  /** What the app needs in its environment to push through this simulator. */
  env: Record<string, string>;
  /** Everything that was accepted, in order; dry runs are not in it. */
  messages: WireMessage[];
  /** How many messages were only checked (`validate_only`). */
  dryRuns: number;
  sentTo(token: string): WireMessage[];
  titlesSentTo(token: string): string[];
  /** Failures are played in the order in which they were added. */
  fail(failure: FcmFailure, match?: FailureMatch): void;
  /** Ends all failures, and forgets what was sent. */
  reset(): void;
  /** As after the key was revoked: access tokens are good no more. */
  revokeAccessTokens(): void;
}

const FAILURES = {
  UNREGISTERED: [404, 'NOT_FOUND'],
  INVALID_ARGUMENT: [400, 'INVALID_ARGUMENT'],
  SENDER_ID_MISMATCH: [403, 'PERMISSION_DENIED'],
  PERMISSION_DENIED: [403, 'PERMISSION_DENIED'],
  QUOTA_EXCEEDED: [429, 'RESOURCE_EXHAUSTED'],
  UNAVAILABLE: [503, 'UNAVAILABLE'],
  INTERNAL: [500, 'INTERNAL'],
  THIRD_PARTY_AUTH_ERROR: [401, 'UNAUTHENTICATED'],
} as const satisfies Record<string, [number, string]>;

const PROJECT = 'withbowwow-sim';
const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';
const TOKEN_TTL_S = 3600;
const MAX_PAYLOAD_BYTES = 4096;
const RETRY_AFTER_S = 30;

/** oauth2.googleapis.com and fcm.googleapis.com in one server, with a service account of its own. */
export async function startFcm(options: SimulatorOptions = {}): Promise<FcmSimulator> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const account = {
    type: 'service_account',
    project_id: PROJECT,
    client_email: `push@${PROJECT}.iam.gserviceaccount.com`,
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
  // The library signs by the clock of the machine, so this side reads it as well.
  const accessTokens = new IssuedSecrets<string>(Date.now);
  const messages: WireMessage[] = [];
  let failures: { failure: FcmFailure; match: FailureMatch; left: number }[] = [];
  let dryRuns = 0;

  function token(request: FastifyRequest, reply: FastifyReply) {
    const { grant_type, assertion = '' } = formOf(request);
    if (grant_type !== 'urn:ietf:params:oauth:grant-type:jwt-bearer')
      return reply
        .code(400)
        .send({ error: 'unsupported_grant_type', error_description: 'Invalid grant_type' });
    if (!isGoodAssertion(assertion, account.client_email, publicKey))
      return reply.code(400).send({ error: 'invalid_grant', error_description: 'Invalid JWT Signature.' });
    const access_token = accessTokens.issue(account.client_email, TOKEN_TTL_S);
    return reply.send({ access_token, expires_in: TOKEN_TTL_S, token_type: 'Bearer' });
  }

  function send(request: FastifyRequest, reply: FastifyReply) {
    if (!accessTokens.find(credentialOf(request, 'Bearer')))
      return refuse(reply, 'THIRD_PARTY_AUTH_ERROR', false);
    if ((request.params as { project: string }).project !== PROJECT)
      return refuse(reply, 'PERMISSION_DENIED', false);
    const { message, validate_only = false } = (request.body ?? {}) as {
      message?: WireMessage;
      validate_only?: boolean;
    };
    if (!message || !isWellFormed(message)) return refuse(reply, 'INVALID_ARGUMENT');
    const failure = takeFailure(message);
    if (failure) return refuse(reply, failure, failure !== 'PERMISSION_DENIED');
    if (validate_only) dryRuns++;
    else messages.push(message);
    return reply.send({ name: `projects/${PROJECT}/messages/0:${randomBytes(8).toString('hex')}` });
  }

  function takeFailure(message: WireMessage): FcmFailure | undefined {
    const isEmpty = !message.notification && !message.data;
    const found = failures.find(
      ({ match, left }) =>
        left > 0 && (match.token ?? message.token) === message.token && !(match.exceptEmpty && isEmpty),
    );
    if (found) found.left--;
    return found?.failure;
  }

  const simulator = await startSimulator(options, (server) => {
    server.post('/token', token);
    server.post('/v1/projects/:project/messages::send', send);
  });
  const sentTo = (device: string) => messages.filter((message) => message.token === device);

  return {
    ...simulator,
    env: {
      FIREBASE_CREDENTIALS_JSON: Buffer.from(JSON.stringify(account)).toString('base64'),
      FCM_BASE_URL: simulator.url,
    },
    messages,
    get dryRuns() {
      return dryRuns;
    },
    sentTo,
    titlesSentTo: (device) => sentTo(device).map(({ notification }) => notification?.title ?? ''),
    fail: (failure, match = {}) => void failures.push({ failure, match, left: match.times ?? Infinity }),
    reset() {
      failures = [];
      dryRuns = 0;
      messages.length = 0;
      simulator.clearFaults();
    },
    revokeAccessTokens: () => accessTokens.revoke(() => true),
  };
}

/** @param isFcm whether FCM itself says it; Google's front door knows no `FcmError` */
function refuse(reply: FastifyReply, failure: FcmFailure, isFcm = true) {
  const [code, status] = FAILURES[failure];
  if (code === 503) void reply.header('retry-after', String(RETRY_AFTER_S));
  const details = isFcm
    ? [{ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode: failure }]
    : undefined;
  return reply
    .code(code)
    .send({ error: { code, message: `The simulator says ${failure}`, status, details } });
}

/** RS256 over the account's own key, for this endpoint and scope, and not expired. */
function isGoodAssertion(assertion: string, issuer: string, publicKey: KeyObject): boolean {
  const [header = '', payload = '', signature = ''] = assertion.split('.');
  const signed = verify(
    'RSA-SHA256',
    Buffer.from(`${header}.${payload}`),
    publicKey,
    Buffer.from(signature, 'base64url'),
  );
  if (!signed) return false;
  const { alg } = decoded(header);
  const { iss, aud, scope, exp, iat } = decoded(payload);
  const nowS = Date.now() / 1000;
  return (
    alg === 'RS256' &&
    iss === issuer &&
    aud === 'https://oauth2.googleapis.com/token' &&
    String(scope).split(' ').includes(SCOPE) &&
    Number(exp) > nowS &&
    Number(exp) - Number(iat) <= 3600
  );
}

const decoded = (part: string) =>
  JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown>;

function isWellFormed({ token, notification, data, apns }: WireMessage): boolean {
  return (
    typeof token === 'string' &&
    Object.values(data ?? {}).every((value) => typeof value === 'string') &&
    Object.values(apns?.headers ?? {}).every((value) => typeof value === 'string') &&
    Buffer.byteLength(JSON.stringify({ notification, data })) <= MAX_PAYLOAD_BYTES
  );
}
