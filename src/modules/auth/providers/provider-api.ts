import type { z } from 'zod';
import {
  type HttpClient,
  OutboundError,
  type OutboundAnswer,
  type OutboundRequest,
} from '../../../platform/outbound/http-client.js';
import { type ProviderName, unavailable } from '../auth.errors.js';

/**
 * Calls one login provider.
 * @throws provider-unavailable
 */
export class ProviderApi {
  constructor(
    private readonly http: HttpClient,
    private readonly provider: ProviderName,
    private readonly timeoutMs: number,
  ) {}

  async ask(url: string, request: OutboundRequest): Promise<OutboundAnswer> {
    try {
      return await this.http.request(`${this.provider}-login`, url, request, { timeoutMs: this.timeoutMs });
    } catch (error) {
      if (error instanceof OutboundError) throw unavailable(this.provider);
      throw error;
    }
  }

  /** HTML, half an answer or another shape is no answer. */
  read<S extends z.ZodType>(schema: S, { text }: OutboundAnswer): z.output<S> {
    const parsed = schema.safeParse(parseJson(text));
    if (!parsed.success) throw unavailable(this.provider);
    return parsed.data;
  }
}

/** Integers above 2^53 stay text: Kakao's user ids have up to 19 digits. Undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown, context?: { source: string }) =>
      typeof value === 'number' && !Number.isSafeInteger(value) ? (context?.source ?? value) : value,
    );
  } catch {
    return undefined;
  }
}
