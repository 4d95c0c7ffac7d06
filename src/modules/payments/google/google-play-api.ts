import { Inject, Injectable, Logger } from '@nestjs/common';
import type { z } from 'zod';
import { CONFIG, type Config } from '../../../config/config.js';
import { Clock } from '../../../platform/clock/clock.js';
import {
  HttpClient,
  type OutboundAnswer,
  OutboundError,
  type OutboundRequest,
} from '../../../platform/outbound/http-client.js';
import { purchaseRefused, storeNotConfigured, storeUnavailable } from '../payments.errors.js';
import { GoogleAccessToken } from './google-access-token.js';
import { type GoogleSnapshot, googleSnapshot, type VoidedPage, voidedPage } from './google-snapshot.js';

const VOIDED_PER_PAGE = 1_000;
/** Type 1: subscriptions too. */
const VOIDED_WITH_SUBSCRIPTIONS = '1';

/** The Google Play Developer API (PROVIDERS.md §5.5). Purchase tokens are in its addresses: these are never logged. */
@Injectable()
export class GooglePlayApi {
  private readonly log = new Logger(GooglePlayApi.name);
  private readonly accessToken: GoogleAccessToken | null;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly http: HttpClient,
    clock: Clock,
  ) {
    const { googlePlay, outbound } = config;
    this.accessToken = googlePlay && new GoogleAccessToken(googlePlay, http, clock, outbound.timeoutMs);
  }

  /**
   * @returns null when Google does not know the token (any more)
   * @throws purchase-refused for what is no token: that ends nothing
   * @throws provider-unavailable, provider-not-configured
   */
  async subscription(purchaseToken: string): Promise<GoogleSnapshot | null> {
    const path = `purchases/subscriptionsv2/tokens/${encodeURIComponent(purchaseToken)}`;
    const answer = await this.ask(path, { retry: true });
    if (answer.status === 400) throw purchaseRefused();
    if ([404, 410].includes(answer.status)) return null;
    return this.read(googleSnapshot, answer);
  }

  /** @throws provider-unavailable, provider-not-configured */
  async acknowledge(productId: string, purchaseToken: string): Promise<void> {
    const path = `purchases/subscriptions/${encodeURIComponent(productId)}/tokens/${encodeURIComponent(purchaseToken)}:acknowledge`;
    const { status } = await this.ask(path, { method: 'POST', json: {} });
    if (status >= 300) throw this.refused(status);
  }

  /** Money given back between the two, a page at a time. @throws provider-unavailable, provider-not-configured */
  async voided(from: Date, to: Date, pageToken?: string): Promise<VoidedPage> {
    const query = new URLSearchParams({
      startTime: String(from.getTime()),
      endTime: String(to.getTime()),
      type: VOIDED_WITH_SUBSCRIPTIONS,
      maxResults: String(VOIDED_PER_PAGE),
      ...(pageToken && { token: pageToken }),
    });
    return this.read(
      voidedPage,
      await this.ask(`purchases/voidedpurchases?${query.toString()}`, { retry: true }),
    );
  }

  /** A token that Google took back early is asked for once more. */
  private async ask(path: string, request: OutboundRequest): Promise<OutboundAnswer> {
    const first = await this.askOnce(path, request);
    return first.status === 401 ? this.askOnce(path, request) : first;
  }

  private async askOnce(path: string, request: OutboundRequest): Promise<OutboundAnswer> {
    const { googlePlay, outbound } = this.config;
    if (!googlePlay || !this.accessToken) throw storeNotConfigured();
    const base = `${googlePlay.baseUrl}/androidpublisher/v3/applications/${googlePlay.packageName}`;
    try {
      const token = await this.accessToken.get();
      const answer = await this.http.request(
        'google-play',
        `${base}/${path}`,
        { ...request, headers: { authorization: `Bearer ${token}` } },
        { timeoutMs: outbound.timeoutMs },
      );
      if (answer.status === 401) this.accessToken.drop(token);
      return answer;
    } catch (error) {
      // Of what was not an answer only the kind is told: messages may quote what was sent.
      if (!(error instanceof OutboundError))
        this.log.error({ alarm: 'google-refuses-us', fault: nameOf(error) }, 'Google gives us no access');
      throw storeUnavailable();
    }
  }

  private read<S extends z.ZodType>(schema: S, { status, text }: OutboundAnswer): z.output<S> {
    if (status !== 200) throw this.refused(status);
    const parsed = schema.safeParse(jsonOf(text));
    if (parsed.success) return parsed.data;
    this.log.error({ alarm: 'google-answers-oddly' }, 'Google answers something else than documented');
    throw storeUnavailable();
  }

  private refused(status: number) {
    this.log.error({ alarm: 'google-refuses-us', status }, 'Google refuses what we ask');
    return storeUnavailable();
  }
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
