import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { HttpClient, OutboundError } from './http-client.js';
import { Metered } from './metered.js';
import { DAY_IS_OVER, ProviderError, type ProviderFault } from './provider-error.js';

/** Result codes of data.go.kr (PROVIDERS.md §7), as numbers and as the gateway's names. */
const FAULTS = new Map<string, ProviderFault>([
  ...['1', '2', '4', '5', '21', '23', '99'].map((code) => [code, 'unavailable'] as const),
  ...DAY_IS_OVER.map((code) => [code, 'quota'] as const),
  ...['3', 'NODATA_ERROR'].map((code) => [code, 'no-data'] as const),
  ...[
    ...['10', '11', '12', '20', '29', '30', '31', '32', '33'],
    'INVALID_REQUEST_PARAMETER_ERROR',
    'NO_MANDATORY_REQUEST_PARAMETERS_ERROR',
    'NO_OPENAPI_SERVICE_ERROR',
    'SERVICE_ACCESS_DENIED_ERROR',
    'SERVICE_KEY_IS_NOT_REGISTERED_ERROR',
    'DEADLINE_HAS_EXPIRED_ERROR',
    'UNREGISTERED_IP_ERROR',
    'UNSIGNED_CALL_ERROR',
  ].map((code) => [code, 'refused'] as const),
]);

export interface PublicDataQuestion {
  /** The name of its circuit breaker and of its count. */
  provider: string;
  url: string;
  /** The decoded one: it is encoded here. Never logged, nor in an error. */
  key: string;
  params: Record<string, string | number>;
  /** How many calls of the day there may have been with this one. */
  perDay: number;
  timeoutMs?: number;
}

export interface PublicDataPage {
  items: Record<string, unknown>[];
  /** Of all pages; null where the service does not say. */
  totalCount: number | null;
}

interface Envelope {
  response?: { header?: { resultCode?: unknown }; body?: { items?: unknown; totalCount?: unknown } };
  OpenAPI_ServiceResponse?: { cmmMsgHeader?: { returnReasonCode?: unknown; returnAuthMsg?: unknown } };
}

/**
 * The services behind data.go.kr: one gateway, one envelope. Errors come as XML with HTTP 200, as JSON with 401,
 * 403 or 429, as bare text or as a page; so the body is read as text first.
 */
@Injectable()
export class DataGoKr {
  constructor(
    private readonly http: HttpClient,
    private readonly metered: Metered,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Within what we may ask in a day.
   * @throws ProviderError
   */
  ask(question: PublicDataQuestion): Promise<PublicDataPage> {
    return this.metered.ask(question.provider, question.perDay, () => this.send(question));
  }

  private async send({ provider, url, key, params, timeoutMs }: PublicDataQuestion): Promise<PublicDataPage> {
    const query = new URLSearchParams({
      serviceKey: key,
      ...Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)])),
    });
    let failure: ProviderError | undefined;
    const isFailure = ({ status, text }: { status: number; text: string }) => {
      failure = faultIn(provider, status, text);
      return failure?.fault === 'unavailable';
    };
    try {
      const { status, text } = await this.http.request(
        provider,
        `${url}?${query.toString()}`,
        { isFailure },
        { timeoutMs: timeoutMs ?? this.config.outbound.timeoutMs },
      );
      return readPage(provider, status, text);
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error;
      if (error.status === 429)
        throw faultIn(provider, 429, error.text ?? '') ?? new ProviderError(provider, 'quota', '429');
      throw failure ?? new ProviderError(provider, 'unavailable', error.reason);
    }
  }
}

/** Undefined for an answer. */
function faultIn(provider: string, status: number, text: string): ProviderError | undefined {
  try {
    readPage(provider, status, text);
    return undefined;
  } catch (error) {
    if (error instanceof ProviderError) return error;
    throw error;
  }
}

/** Longer than any code, so that a page that is none is looked through in a moment. */
const LONGEST_TAG = 200;

const withoutZeros = (code: string) => code.replace(/^0+(?=\d)/, '');

/** @throws ProviderError */
export function readPage(provider: string, status: number, body: string): PublicDataPage {
  const text = body.trim();
  const byStatus: ProviderFault =
    status === 401 || status === 403 ? 'refused' : status === 429 ? 'quota' : 'unavailable';
  /** The first of the codes that is known says what it means. */
  const fault = (...codes: (string | null | undefined)[]) => {
    const named = codes.filter((code) => typeof code === 'string').map(withoutZeros);
    const known = named.find((code) => FAULTS.has(code));
    const code = known ?? named[0] ?? `http-${status}`;
    return new ProviderError(provider, FAULTS.get(code) ?? byStatus, code.slice(0, 60));
  };

  if (text.startsWith('<')) {
    const tag = (name: string) => new RegExp(`<${name}>([^<]{1,${LONGEST_TAG}})</`).exec(text)?.[1]?.trim();
    throw fault(tag('returnReasonCode'), tag('resultCode'), tag('returnAuthMsg'), 'not-json');
  }
  const parsed = parseJson(text);
  if (parsed === undefined) throw fault('not-json');

  const gateway = parsed.OpenAPI_ServiceResponse?.cmmMsgHeader;
  if (gateway) throw fault(textOf(gateway.returnReasonCode), textOf(gateway.returnAuthMsg), 'gateway');
  const { header, body: answer } = parsed.response ?? {};
  const code = textOf(header?.resultCode);
  if (code === null || status >= 400) throw fault(code);
  if (!/^0+$/.test(code)) throw fault(code);
  const total = Number(answer?.totalCount);
  return { items: itemsOf(answer?.items), totalCount: Number.isSafeInteger(total) ? total : null };
}

/** `items` is a list, an object with one `item` or a list of them, or `""`. */
function itemsOf(items: unknown): Record<string, unknown>[] {
  const found = isObject(items) && !Array.isArray(items) ? items.item : items;
  return [found].flat().filter(isObject);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const textOf = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : null;

function parseJson(text: string): Envelope | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
