import {
  APIError,
  APIException,
  AppStoreServerAPIClient,
  Environment,
  GetTransactionHistoryVersion,
  type NotificationHistoryRequest,
  Order,
} from '@apple/app-store-server-library';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../config/config.js';
import type { StoreEnvironment } from '../../../generated/prisma/enums.js';
import { HttpClient, OutboundError } from '../../../platform/outbound/http-client.js';
import { storeNotConfigured } from '../payments.errors.js';

/** Apple answers, but not as documented, or refuses our key. The message quotes nothing of the answer. */
export class AppStoreError extends Error {
  constructor(
    readonly status: number | null,
    readonly apiError: number | null,
  ) {
    super(
      status ? `The App Store answers ${status} ${apiError ?? ''}`.trim() : 'The App Store answers nonsense',
    );
    this.name = 'AppStoreError';
  }
}

/** All signed by Apple, and unverified yet. */
export interface PresentState {
  status?: number;
  signedTransaction: string;
  signedRenewal: string | null;
}

const PAGES_MAX = 1_000;
const NOT_FOUND: ReadonlySet<number | null> = new Set<number | null>([
  APIError.ACCOUNT_NOT_FOUND,
  APIError.ORIGINAL_TRANSACTION_ID_NOT_FOUND,
  APIError.TRANSACTION_ID_NOT_FOUND,
  // An environment to which no notifications are sent has no history of them.
  APIError.SERVER_NOTIFICATION_URL_NOT_FOUND,
]);

/** App Store Server API; PROVIDERS.md §4.5. Being asked to wait (429) is a failure as well: the job comes back later. */
@Injectable()
export class AppStoreApi {
  private readonly clients?: Record<StoreEnvironment, Client>;

  constructor(@Inject(CONFIG) config: Config, http: HttpClient) {
    if (!config.appStore) return;
    const { baseUrl, sandboxBaseUrl } = config.appStore;
    const { timeoutMs } = config.outbound;
    const client = (environment: Environment, name: string, url: string) =>
      new Client(config.appStore!, environment, (path, request) =>
        http.request(name, url + path, request, { timeoutMs }),
      );
    this.clients = {
      production: client(Environment.PRODUCTION, 'app-store', baseUrl),
      sandbox: client(Environment.SANDBOX, 'app-store-sandbox', sandboxBaseUrl),
    };
  }

  /** @returns null for a subscription that Apple does not know. @throws OutboundError, AppStoreError */
  async presentState(
    originalTransactionId: string,
    environment: StoreEnvironment,
  ): Promise<PresentState | null> {
    const client = this.clientOf(environment);
    const answer = await asking(() => client.getAllSubscriptionStatuses(originalTransactionId));
    // Other subscriptions of the same Apple account are in the answer as well.
    const item = answer?.data
      ?.flatMap(({ lastTransactions = [] }) => lastTransactions)
      .find((one) => one.originalTransactionId === originalTransactionId);
    if (!item?.signedTransactionInfo) return null;
    return {
      status: item.status,
      signedTransaction: item.signedTransactionInfo,
      signedRenewal: item.signedRenewalInfo ?? null,
    };
  }

  /** Every transaction there was, oldest first. @throws OutboundError, AppStoreError */
  async history(originalTransactionId: string, environment: StoreEnvironment): Promise<string[]> {
    const client = this.clientOf(environment);
    const all: string[] = [];
    let revision: string | null = null;
    for (let page = 0; page < PAGES_MAX; page++) {
      const answer = await asking(() =>
        client.getTransactionHistory(
          originalTransactionId,
          revision,
          { sort: Order.ASCENDING },
          GetTransactionHistoryVersion.V2,
        ),
      );
      all.push(...(answer?.signedTransactions ?? []));
      if (!answer?.hasMore || !answer.revision) break;
      revision = answer.revision;
    }
    return all;
  }

  /** The notifications of a time, page by page. @throws OutboundError, AppStoreError */
  async *notifications(
    environment: StoreEnvironment,
    request: NotificationHistoryRequest,
  ): AsyncGenerator<string[]> {
    const client = this.clientOf(environment);
    let token: string | null = null;
    for (let page = 0; page < PAGES_MAX; page++) {
      const answer = await asking(() => client.getNotificationHistory(token, request));
      yield (answer?.notificationHistory ?? []).flatMap(({ signedPayload }) => signedPayload ?? []);
      if (!answer?.hasMore || !answer.paginationToken) return;
      token = answer.paginationToken;
    }
  }

  private clientOf(environment: StoreEnvironment): Client {
    if (!this.clients) throw storeNotConfigured();
    return this.clients[environment];
  }
}

type Send = (
  path: string,
  request: { method: 'GET' | 'POST'; headers: Record<string, string>; json?: unknown },
) => Promise<{ status: number; text: string }>;

type FetchResponse = Awaited<ReturnType<AppStoreServerAPIClient['makeFetchRequest']>>;

/** Apple's client over ours: its own knows no base URL, no time limit and no breaker. */
class Client extends AppStoreServerAPIClient {
  constructor(
    { privateKeyPem, keyId, issuerId, bundleId }: NonNullable<Config['appStore']>,
    environment: Environment,
    private readonly send: Send,
  ) {
    super(privateKeyPem, keyId, issuerId, bundleId, environment);
  }

  protected override async makeFetchRequest(
    path: string,
    query: URLSearchParams,
    method: string,
    body: string | Buffer | undefined,
    { 'Content-Type': _ours, ...headers }: Record<string, string>,
  ): Promise<FetchResponse> {
    const search = query.size > 0 ? `?${query.toString()}` : '';
    const { status, text } = await this.send(path + search, {
      method: method as 'GET' | 'POST',
      headers,
      json: body === undefined ? undefined : JSON.parse(body.toString()),
    });
    return new Response(text, { status }) as unknown as FetchResponse;
  }
}

/** @returns null for what Apple does not know */
async function asking<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof OutboundError) throw error;
    if (!(error instanceof APIException)) throw new AppStoreError(null, null);
    const apiError = error.apiError === null ? null : Number(error.apiError);
    if (NOT_FOUND.has(apiError)) return null;
    throw new AppStoreError(error.httpStatusCode, apiError);
  }
}
