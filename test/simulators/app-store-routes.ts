import type { KeyObject } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { jwtVerify } from 'jose';
import { type AppStoreLife, GROUP } from './app-store-life.js';
import { credentialOf } from './simulator.js';

const AUDIENCE = 'appstoreconnect-v1';
const TOKEN_MAX_S = 3_600;
const PAGE = 20;
const HISTORY_DAYS = 180;
const DAY_MS = 86_400_000;

export interface SentNotification {
  signedPayload: string;
  content: Record<string, unknown>;
  /** The original one of the subscription. */
  transactionId?: string;
  atMs: number;
  sendAttempts: { attemptDate: number; sendAttemptResult: string }[];
}

interface Store {
  now: () => number;
  lives: readonly AppStoreLife[];
  sent: readonly SentNotification[];
  signTransaction(life: AppStoreLife, transactionId?: string): string;
  signRenewal(life: AppStoreLife): string;
  appOf(environment: string): object;
  client: { publicKey: KeyObject; issuerId: string; keyId: string; bundleId: string };
}

type Request = FastifyRequest<{ Params: { id: string }; Querystring: Record<string, string | string[]> }>;
type HistoryRequest = FastifyRequest<{ Querystring: { paginationToken?: string } }>;

/** App Store Server API, in production at the root and for the sandbox under `/sandbox`; PROVIDERS.md §4.5. */
export function appStoreRoutes(server: FastifyInstance, store: Store): void {
  for (const environment of ['Production', 'Sandbox'] as const) {
    const base = environment === 'Sandbox' ? '/sandbox' : '';
    const lifeOf = (id: string) =>
      store.lives.find(
        (life) =>
          life.environment === environment && life.sold.some(({ transactionId }) => transactionId === id),
      );
    const withLife =
      (answer: (life: AppStoreLife, request: Request) => object) =>
      async (request: Request, reply: FastifyReply) => {
        if (!(await isClient(request, store.client))) return reply.code(401).send();
        if (!/^\d+$/.test(request.params.id)) return fail(reply, 400, 4000006, 'Invalid transaction id.');
        const life = lifeOf(request.params.id);
        if (!life) return fail(reply, 404, 4040010, 'Transaction id not found.');
        return reply.send(answer(life, request));
      };

    server.get(
      `${base}/inApps/v1/subscriptions/:id`,
      withLife((life, { query }) => {
        const asked = query.status === undefined ? null : [query.status].flat().map(Number);
        const items = [
          {
            originalTransactionId: life.originalTransactionId,
            status: life.status(),
            signedTransactionInfo: store.signTransaction(life),
            signedRenewalInfo: store.signRenewal(life),
          },
        ];
        const lastTransactions = items.filter(({ status }) => !asked || asked.includes(status));
        return {
          ...store.appOf(environment),
          data: [{ subscriptionGroupIdentifier: GROUP, lastTransactions }],
        };
      }),
    );
    server.get(
      `${base}/inApps/v1/transactions/:id`,
      withLife((life, { params }) => ({ signedTransactionInfo: store.signTransaction(life, params.id) })),
    );
    server.get(
      `${base}/inApps/v2/history/:id`,
      withLife((life, { query }) => {
        const from = Number(query.revision ?? 0);
        const page = life.sold.slice(from, from + PAGE);
        return {
          ...store.appOf(environment),
          signedTransactions: page.map(({ transactionId }) => store.signTransaction(life, transactionId)),
          revision: String(from + page.length),
          hasMore: from + page.length < life.sold.length,
        };
      }),
    );
    server.post(`${base}/inApps/v1/notifications/history`, (request: HistoryRequest, reply) =>
      listNotifications(environment, request, reply),
    );
  }

  async function listNotifications(environment: string, request: HistoryRequest, reply: FastifyReply) {
    if (!(await isClient(request, store.client))) return reply.code(401).send();
    const { startDate, endDate, onlyFailures, transactionId, notificationType } = request.body as {
      startDate: number;
      endDate: number;
      onlyFailures?: boolean;
      transactionId?: string;
      notificationType?: string;
    };
    if (startDate < store.now() - HISTORY_DAYS * DAY_MS)
      return fail(reply, 400, 4000012, 'Start date too old.');
    if (startDate >= endDate) return fail(reply, 400, 4000013, 'Start date after end date.');
    if (transactionId && notificationType) return fail(reply, 400, 4000019, 'Two filters.');
    const { paginationToken } = request.query;
    const from = paginationToken ? Number(/^page-(\d+)$/.exec(paginationToken)?.[1]) : 0;
    if (Number.isNaN(from)) return fail(reply, 400, 4000014, 'Invalid pagination token.');
    const all = store.sent.filter(
      (one) =>
        environmentOf(one) === environment &&
        one.atMs >= startDate &&
        one.atMs <= endDate &&
        (!transactionId || one.transactionId === transactionId) &&
        (!notificationType || one.content.notificationType === notificationType) &&
        (!onlyFailures || !one.sendAttempts.some(({ sendAttemptResult }) => sendAttemptResult === 'SUCCESS')),
    );
    const page = all.slice(from, from + PAGE);
    const hasMore = from + page.length < all.length;
    return reply.send({
      notificationHistory: page.map(({ signedPayload, sendAttempts }) => ({ signedPayload, sendAttempts })),
      hasMore,
      ...(hasMore && { paginationToken: `page-${from + page.length}` }),
    });
  }
}

const environmentOf = ({ content }: SentNotification): string | undefined =>
  (content.data as { environment?: string } | undefined)?.environment;

/** Its times are the system's: Apple's library signs with them, whatever clock the app keeps. */
async function isClient(request: FastifyRequest, { publicKey, issuerId, keyId, bundleId }: Store['client']) {
  try {
    const { payload, protectedHeader } = await jwtVerify(credentialOf(request, 'Bearer') ?? '', publicKey, {
      algorithms: ['ES256'],
      issuer: issuerId,
      audience: AUDIENCE,
      requiredClaims: ['iat', 'exp'],
    });
    return (
      protectedHeader.kid === keyId && payload.bid === bundleId && payload.exp! - payload.iat! <= TOKEN_MAX_S
    );
  } catch {
    return false; // whatever is wrong with it, Apple answers 401 with nothing
  }
}

function fail(reply: FastifyReply, status: number, errorCode: number, errorMessage: string) {
  return reply.code(status).send({ errorCode, errorMessage });
}
