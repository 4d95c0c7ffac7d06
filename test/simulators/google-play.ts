import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { jwtVerify } from 'jose';
import { secret } from '../support/leaks.js';
import { PlayStore, type Purchase } from './google-play-store.js';
import { IssuedSecrets } from './issued-secrets.js';
import { SigningKeys, type TokenOverrides } from './signing-keys.js';
import { credentialOf, formOf, startSimulator, type Simulator, type SimulatorOptions } from './simulator.js';

export type { Push } from './google-play-store.js';

export interface PushTokenOverrides extends TokenOverrides {
  email?: string;
  emailVerified?: boolean;
  /** Signed by a key that Google never had, under the name of one that it has. */
  isOfAnotherKey?: boolean;
  /** No `Authorization` at all. */
  isMissing?: boolean;
}

/** Google Play: its API, Google's OAuth and certificates, and a store to buy at (`store`). */
export interface GooglePlaySimulator extends Simulator {
  /** What the app needs in its environment to sell through this simulator. */
  env: Record<string, string>;
  store: PlayStore;
  /** The headers of a push. Times of its token are the machine's: Google's library judges by that clock. */
  pushHeaders(overrides?: PushTokenOverrides): Record<string, string>;
  /** The next snapshot is taken when it is asked for, and answered when it is released: a slow answer. */
  holdNextSnapshot(): { isTaken: Promise<void>; release: () => void };
  /** As after the key was changed: access tokens are good no more. */
  revokeAccessTokens(): void;
  /** How often an access token was given out. */
  readonly logins: number;
}

const PACKAGE = 'kr.withbowwow.sim';
const AUDIENCE = 'https://api.withbowwow.test/payments/webhook/google';
const SUBSCRIPTION = 'projects/withbowwow-sim/subscriptions/play-rtdn';
const SENDER = 'rtdn@withbowwow-sim.iam.gserviceaccount.com';
const SCOPE = 'https://www.googleapis.com/auth/androidpublisher';
const ACCESS_TOKEN_TTL_S = 3_600;
const VOIDED_PER_PAGE = 2;
const VOIDED_KEPT_MS = 30 * 86_400_000;

export async function startGooglePlay(options: SimulatorOptions = {}): Promise<GooglePlaySimulator> {
  const { now = Date.now } = options;
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const account = {
    type: 'service_account',
    project_id: 'withbowwow-sim',
    client_email: 'play@withbowwow-sim.iam.gserviceaccount.com',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
  const [keys, foreignKeys] = [new SigningKeys(), new SigningKeys()];
  const accessTokens = new IssuedSecrets<true>(now);
  const store = new PlayStore(now, { packageName: PACKAGE, subscription: SUBSCRIPTION });
  const held: { take: () => void; released: Promise<void> }[] = [];
  let logins = 0;

  async function token(request: FastifyRequest, reply: FastifyReply) {
    const { grant_type, assertion = '' } = formOf(request);
    if (grant_type !== 'urn:ietf:params:oauth:grant-type:jwt-bearer')
      return reply.code(400).send({ error: 'unsupported_grant_type' });
    try {
      const { payload } = await jwtVerify(assertion, publicKey, {
        algorithms: ['RS256'],
        issuer: account.client_email,
        audience: 'https://oauth2.googleapis.com/token',
        maxTokenAge: '1h',
        currentDate: new Date(now()),
      });
      if (payload.scope !== SCOPE) return await reply.code(400).send({ error: 'invalid_scope' });
    } catch {
      return reply.code(400).send({ error: 'invalid_grant', error_description: 'Invalid JWT Signature.' });
    }
    logins++;
    const access_token = accessTokens.issue(true, ACCESS_TOKEN_TTL_S);
    return reply.send({ access_token, expires_in: ACCESS_TOKEN_TTL_S, token_type: 'Bearer' });
  }

  /** The address's last part is the purchase token, with a verb of the API behind a colon or without. */
  function addressed(request: FastifyRequest): { purchase?: Purchase; verb?: string } {
    const [purchaseToken = '', verb] = (request.params as { '*': string })['*'].split(':');
    return { purchase: store.find(purchaseToken), verb };
  }

  async function snapshot(request: FastifyRequest, reply: FastifyReply) {
    const { purchase } = addressed(request);
    if (!purchase) return failure(reply, 404, 'NOT_FOUND');
    if (purchase.isForgotten) return failure(reply, 410, 'GONE');
    const answer = store.snapshotOf(purchase);
    const hold = held.shift();
    hold?.take();
    await hold?.released;
    return reply.send(answer);
  }

  function acknowledge(request: FastifyRequest, reply: FastifyReply) {
    const { purchase, verb } = addressed(request);
    if (!purchase || verb !== 'acknowledge') return failure(reply, 404, 'NOT_FOUND');
    if (purchase.productId !== (request.params as { product: string }).product)
      return failure(reply, 400, 'INVALID_ARGUMENT');
    if (!store.acknowledge(purchase)) return failure(reply, 400, 'FAILED_PRECONDITION');
    return reply.send();
  }

  /** Pages of two, whatever is asked for, so that nobody forgets the second. */
  function voided(request: FastifyRequest, reply: FastifyReply) {
    const { startTime = '0', endTime = String(now()), type, token: from = '0' } = request.query as Voided;
    if (Number(startTime) < now() - VOIDED_KEPT_MS - 60_000) return failure(reply, 400, 'INVALID_ARGUMENT');
    const all = store.voided.filter(
      ({ voidedTimeMillis: at }) =>
        type === '1' && Number(at) >= Number(startTime) && Number(at) <= Number(endTime),
    );
    const next = Number(from) + VOIDED_PER_PAGE;
    return reply.send({
      ...(all.length > 0 && { voidedPurchases: all.slice(Number(from), next) }),
      ...(next < all.length && { tokenPagination: { nextPageToken: String(next) } }),
    });
  }

  const simulator = await startSimulator(options, (server) => {
    server.post('/oauth/token', token);
    server.get('/oauth2/v1/certs', (_request, reply) =>
      reply.header('cache-control', 'public, max-age=3600').send(certificatesOf(keys)),
    );
    void server.register(
      (api, _options, done) => {
        api.addHook('onRequest', async (request, reply) => {
          if (!accessTokens.find(credentialOf(request, 'Bearer')))
            return failure(reply, 401, 'UNAUTHENTICATED');
          if ((request.params as { package: string }).package !== PACKAGE)
            return failure(reply, 403, 'PERMISSION_DENIED');
        });
        api.get('/subscriptionsv2/tokens/*', snapshot);
        api.post('/subscriptions/:product/tokens/*', acknowledge);
        api.get('/voidedpurchases', voided);
        done();
      },
      { prefix: '/androidpublisher/v3/applications/:package/purchases' },
    );
  });

  return {
    ...simulator,
    env: {
      GOOGLE_PACKAGE_NAME: PACKAGE,
      GOOGLE_SERVICE_ACCOUNT_B64: Buffer.from(JSON.stringify(account)).toString('base64'),
      GOOGLE_PUBSUB_AUDIENCE: AUDIENCE,
      GOOGLE_PUBSUB_SA_EMAIL: SENDER,
      GOOGLE_PUBSUB_SUBSCRIPTION: SUBSCRIPTION,
      GOOGLE_PLAY_BASE_URL: simulator.url,
      GOOGLE_OAUTH_BASE_URL: `${simulator.url}/oauth`,
      GOOGLE_CERTS_URL: `${simulator.url}/oauth2/v1/certs`,
    },
    store,
    get logins() {
      return logins;
    },
    revokeAccessTokens: () => accessTokens.revoke(() => true),
    holdNextSnapshot() {
      const [taken, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      held.push({ take: taken.resolve, released: released.promise });
      return { isTaken: taken.promise, release: released.resolve };
    },
    pushHeaders(overrides = {}): Record<string, string> {
      const { email = SENDER, emailVerified = true, isOfAnotherKey, isMissing, ...bent } = overrides;
      if (isMissing) return {};
      const iat = Math.floor(Date.now() / 1_000);
      const claims = {
        ...{ iss: 'https://accounts.google.com', aud: AUDIENCE, azp: '1181', sub: '1181' },
        ...{ email, email_verified: emailVerified, iat, exp: iat + 3_600 },
      };
      const signed = isOfAnotherKey
        ? foreignKeys.sign(claims, { kid: keys.jwks().keys[0]!.kid, ...bent })
        : keys.sign(claims, bent);
      return { authorization: `Bearer ${secret(signed)}` };
    },
  };
}

interface Voided {
  startTime?: string;
  endTime?: string;
  type?: string;
  token?: string;
}

/** By key id, in PEM. Google sends certificates; whoever checks a signature takes the bare key as well. */
function certificatesOf(keys: SigningKeys): Record<string, string> {
  const entries = keys.jwks().keys.map(({ kid, use: _, alg: __, ...key }) => {
    const pem = createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    return [kid, pem.toString()] as const;
  });
  return Object.fromEntries(entries);
}

const failure = (reply: FastifyReply, code: number, status: string) =>
  reply.code(code).send({ error: { code, message: `The simulator says ${status}`, status } });
