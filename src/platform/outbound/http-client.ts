import { Injectable, Logger } from '@nestjs/common';
import {
  BrokenCircuitError,
  circuitBreaker,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  retry,
  TaskCancelledError,
  timeout,
  TimeoutStrategy,
  wrap,
  handleWhen,
  handleAll,
} from 'cockatiel';

const MAX_ANSWER_BYTES = 2 * 1024 * 1024;
const RETRIES = 2;
const RETRY_FIRST_DELAY_MS = 100;
const RETRY_MAX_DELAY_MS = 1_000;
const BREAKER_FAILURES = 5;
const BREAKER_REST_MS = 10_000;

/** The provider could not be asked: down, slow, answering 5xx, or resting after too many failures. */
export class OutboundError extends Error {
  constructor(
    readonly provider: string,
    readonly reason: 'timeout' | 'network' | 'status' | 'too-large' | 'circuit-open' | 'not-an-answer',
    readonly status?: number,
    /** What a 429 says. */
    readonly text?: string,
  ) {
    super(`${provider}: ${reason}${status ? ` ${status}` : ''}`);
    this.name = 'OutboundError';
  }
}

export interface OutboundRequest {
  method?: 'GET' | 'POST' | 'DELETE';
  headers?: Record<string, string>;
  form?: Record<string, string>;
  json?: unknown;
  /** Only for requests that may be repeated without harm. A code exchange may not. */
  retry?: boolean;
  /** A status below 500 that is no answer all the same: it counts for the circuit breaker. */
  isFailure?: (answer: OutboundAnswer) => boolean;
}

export interface OutboundAnswer {
  status: number;
  headers: Headers;
  /** As text: providers answer XML, HTML or plain text where JSON is promised. */
  text: string;
}

export interface ProviderOptions {
  timeoutMs: number;
}

/** Calls to the outside: no redirects, bounded time and size, retry with jitter, and a circuit breaker for each provider. */
@Injectable()
export class HttpClient {
  private readonly log = new Logger(HttpClient.name);
  private readonly breakers = new Map<string, CircuitBreakerPolicy>();
  /** For whoever counts. */
  onCall: (provider: string, outcome: 'ok' | OutboundError['reason'], seconds: number) => void = () => {};

  /**
   * Any status below 500 is an answer (providers put their errors there), but 429.
   * @throws OutboundError
   */
  async request(
    provider: string,
    url: string,
    request: OutboundRequest,
    { timeoutMs }: ProviderOptions,
  ): Promise<OutboundAnswer> {
    return this.call(provider, (signal) => send(provider, url, request, signal), {
      timeoutMs,
      retry: request.retry,
    });
  }

  /**
   * The same for whoever speaks to a provider by its own library: its time, its retries, its circuit breaker.
   * @throws OutboundError
   */
  async call<T>(
    provider: string,
    work: (signal: AbortSignal) => Promise<T>,
    { timeoutMs, retry = false }: ProviderOptions & { retry?: boolean },
  ): Promise<T> {
    const once = wrap(this.breakerOf(provider), timeout(timeoutMs, TimeoutStrategy.Aggressive));
    const policy = retry ? wrap(retrying, once) : once;
    const startedMs = performance.now();
    const told = (outcome: Parameters<HttpClient['onCall']>[1]) =>
      this.onCall(provider, outcome, (performance.now() - startedMs) / 1_000);
    try {
      const answer = await policy.execute(({ signal }) => work(signal));
      told('ok');
      return answer;
    } catch (error) {
      const failure =
        error instanceof OutboundError
          ? error
          : new OutboundError(
              provider,
              error instanceof BrokenCircuitError
                ? 'circuit-open'
                : error instanceof TaskCancelledError
                  ? 'timeout'
                  : 'network',
            );
      told(failure.reason);
      this.log.warn({ provider, reason: failure.reason, status: failure.status }, 'outbound call failed');
      throw failure;
    }
  }

  /** Whether the provider's circuit breaker was open when it was last looked at. */
  isLeftAlone(provider: string): boolean {
    return this.breakers.get(provider)?.state === CircuitState.Open;
  }

  /** Whom this process has called. */
  get providers(): string[] {
    return [...this.breakers.keys()];
  }

  private breakerOf(provider: string): CircuitBreakerPolicy {
    let breaker = this.breakers.get(provider);
    if (!breaker) {
      breaker = circuitBreaker(handleAll, {
        halfOpenAfter: BREAKER_REST_MS,
        breaker: new ConsecutiveBreaker(BREAKER_FAILURES),
      });
      this.breakers.set(provider, breaker);
    }
    return breaker;
  }
}

const retrying = retry(
  handleWhen((error) => !(error instanceof BrokenCircuitError)),
  {
    maxAttempts: RETRIES,
    backoff: new ExponentialBackoff({ initialDelay: RETRY_FIRST_DELAY_MS, maxDelay: RETRY_MAX_DELAY_MS }),
  },
);

async function send(
  provider: string,
  url: string,
  request: OutboundRequest,
  signal: AbortSignal,
): Promise<OutboundAnswer> {
  const response = await fetch(url, {
    method: request.method ?? 'GET',
    headers: {
      ...request.headers,
      ...(request.json !== undefined && { 'content-type': 'application/json' }),
    },
    body: request.form
      ? new URLSearchParams(request.form)
      : request.json !== undefined
        ? JSON.stringify(request.json)
        : undefined,
    redirect: 'error',
    signal,
  });
  if (response.status >= 500) {
    await response.body?.cancel();
    throw new OutboundError(provider, 'status', response.status);
  }
  const { status, headers } = response;
  const answer = { status, headers, text: await readBounded(provider, response) };
  if (status === 429) throw new OutboundError(provider, 'status', status, answer.text);
  if (request.isFailure?.(answer)) throw new OutboundError(provider, 'not-an-answer', status);
  return answer;
}

async function readBounded(provider: string, response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += part.byteLength;
    if (bytes > MAX_ANSWER_BYTES) throw new OutboundError(provider, 'too-large');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
