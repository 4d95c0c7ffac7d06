import createClient, { type Client } from 'openapi-fetch';
import type { paths } from '../../test/client/api.js';
import { problemOf } from './problem.js';

export interface Tokens {
  accessToken: string;
  refreshToken: string;
}

/** Where the phone keeps the login: its keychain, not plain storage. */
export interface TokenStore {
  load(): Promise<Tokens | null>;
  /** Null: logged out. */
  save(tokens: Tokens | null): Promise<void>;
}

export interface WithbowwowOptions {
  baseUrl: string;
  tokens: TokenStore;
  language?: 'ko' | 'en';
  /** The login is over, and refreshing will not help: show the login. */
  onLoggedOut?: () => void;
  fetch?: (request: Request) => Promise<Response>;
}

export interface Withbowwow {
  /** Every operation by method and path, typed by the contract. */
  api: Client<paths>;
  /** For `auth.token` of the socket: one that is not refused for its age. */
  freshAccessToken(): Promise<string | null>;
}

const MAX_RETRIES = 3;
const LONGEST_WAIT_S = 30;
const WAIT_S = [1, 2, 4];
/** An access token this close to its end is refreshed before it is used. */
const EXPIRY_MARGIN_S = 60;
/** These take or give tokens themselves. By text: not every React Native has a working `URL`. */
const TOKEN_ROUTE = /\/auth\/(refresh|kakao|naver|apple)\/?([?#]|$)/;

/**
 * The API with the login's tokens. One that is about to expire is refreshed first, once for all requests at a time; one
 * that the server calls expired all the same is refreshed once as well, and the requests are sent again. 429 and 503 are waited for as the server says; what might have been done already is sent again only when
 * it can be done twice (GET, PUT, DELETE, or a request with an Idempotency-Key).
 */
export function createWithbowwow(options: WithbowwowOptions): Withbowwow {
  const { baseUrl, tokens, language = 'ko', onLoggedOut } = options;
  const fetchNow = options.fetch ?? ((request: Request) => fetch(request));
  let refreshing: Promise<Tokens | null> | null = null;
  /** By the phone's clock a token that was just given has expired: only the server can tell then. */
  let isClockOff = false;

  async function send(request: Request): Promise<Response> {
    request.headers.set('accept-language', language);
    const held = TOKEN_ROUTE.test(request.url) ? null : await upToDate();
    const response = await sendPatiently(request, held);
    if (response.status !== 401 || !held || !(await isExpired(response))) return response;
    const renewed = await refresh(held);
    return renewed ? sendPatiently(request, renewed) : response;
  }

  /** The same request, until it is answered by something else than "later". */
  async function sendPatiently(request: Request, held: Tokens | null): Promise<Response> {
    const mayRepeat = request.method !== 'POST' && request.method !== 'PATCH';
    const isRepeatable = mayRepeat || request.headers.has('idempotency-key');
    for (let attempt = 0; ; attempt++) {
      const sent = request.clone();
      if (held) sent.headers.set('authorization', `Bearer ${held.accessToken}`);
      const isLast = attempt === MAX_RETRIES;
      let response: Response | null = null;
      try {
        response = await fetchNow(sent);
      } catch (error) {
        if (isLast || !isRepeatable || request.signal?.aborted) throw error;
      }
      if (response) {
        const { status } = response;
        if (isLast || !(status === 429 || (status === 503 && isRepeatable))) return response;
      }
      const waitS = retryAfterS(response) ?? WAIT_S[attempt] ?? LONGEST_WAIT_S;
      if (response && waitS > LONGEST_WAIT_S) return response;
      await new Promise((done) => setTimeout(done, waitS * 1_000));
    }
  }

  /** Where refreshing fails the old one is tried: it may hold for a minute yet. */
  async function upToDate(): Promise<Tokens | null> {
    const held = await tokens.load();
    if (!held || isClockOff || !isAboutToExpire(held)) return held;
    return refresh(held).catch(() => held);
  }

  function refresh(stale: Tokens): Promise<Tokens | null> {
    refreshing ??= refreshOnce(stale).finally(() => (refreshing = null));
    return refreshing;
  }

  /** @throws ApiProblem when the server cannot say; the login stays as it is then */
  async function refreshOnce(stale: Tokens): Promise<Tokens | null> {
    const held = await tokens.load();
    if (!held || held.accessToken !== stale.accessToken) return held;
    const { data, error, response } = await api.POST('/auth/refresh', {
      body: { refreshToken: held.refreshToken },
    });
    if (data) {
      const renewed = { accessToken: data.accessToken, refreshToken: data.refreshToken };
      await tokens.save(renewed);
      isClockOff = isAboutToExpire(renewed);
      return renewed;
    }
    if (response.status !== 401) throw problemOf(error, response);
    await tokens.save(null);
    onLoggedOut?.();
    return null;
  }

  async function freshAccessToken(): Promise<string | null> {
    const held = await tokens.load();
    if (!held || !isAboutToExpire(held)) return held?.accessToken ?? null;
    return (await refresh(held))?.accessToken ?? null;
  }

  const api = createClient<paths>({ baseUrl, fetch: send });
  return { api, freshAccessToken };
}

/** A login that was refused is a 401 as well, and no reason to refresh. */
async function isExpired(response: Response): Promise<boolean> {
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  return (body as { code?: unknown } | null)?.code === 'unauthorized';
}

function retryAfterS(response: Response | null): number | null {
  const told = response?.headers.get('retry-after');
  return told && /^\d+$/.test(told) ? Number(told) : null;
}

const isAboutToExpire = ({ accessToken }: Tokens) =>
  expiryS(accessToken) < Date.now() / 1_000 + EXPIRY_MARGIN_S;

/** The `exp` of a JWT; infinite for what is none, about which the server will say. */
function expiryS(token: string): number {
  try {
    const payload = token.split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/');
    return Number((JSON.parse(atob(payload)) as { exp?: unknown }).exp) || Infinity;
  } catch {
    return Infinity;
  }
}
