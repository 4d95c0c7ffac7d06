import { kstDate } from '../../platform/clock/kst.js';
import type { ProviderName } from './auth.errors.js';

/** A provider's notice, as far as it is understood when it comes in. */
export interface ProviderNotice {
  provider: ProviderName;
  /** Equal for each delivery of the same notice. */
  eventKey: string;
  kind: string;
  /** The user's id at the provider; empty when the notice is not about one. */
  subject: string;
  /** As received. */
  body: string;
}

type Claims = Record<string, unknown>;

/** These mean that the user ended the connection; all others are kept and ignored. */
const ENDS_THE_LINK: Record<ProviderName, readonly string[]> = {
  kakao: ['unlink-webhook', 'unlink-webhook:account-delete', 'user-unlinked', 'account-purged'],
  naver: ['disconnect'],
  apple: ['consent-revoked', 'account-delete', 'account-deleted'],
};

/** And these that the account there is gone for good. Kakao's form says so by its `referrer_type`. */
const ACCOUNT_IS_GONE = [
  'account-purged',
  'account-delete',
  'account-deleted',
  'unlink-webhook:account-delete',
];

/** Above this a number of seconds would be in the year 5138: it is milliseconds. */
const MAX_SECONDS = 1e11;
const MAX_KIND_LENGTH = 100;

export const endsTheLink = (provider: ProviderName, kind: string): boolean =>
  ENDS_THE_LINK[provider].includes(kind);

/** Whether the account at the provider, and not only its link to us, has ended. */
export const endsTheAccount = (kind: string): boolean => ACCOUNT_IS_GONE.includes(kind);

/**
 * Kakao's form carries neither an id nor a time, so repeats are told by user and day (PROVIDERS.md §0.2). The
 * security event about the same unlink has both, and is never mistaken for a repeat.
 */
export function kakaoUnlinkNotice(
  form: { app_id: string; user_id: string; referrer_type?: string },
  now: Date,
): ProviderNotice {
  const isGone = /^(FORCED_)?ACCOUNT_DELETE$/.test(form.referrer_type ?? '');
  return {
    provider: 'kakao',
    eventKey: `unlink:${form.app_id}:${form.user_id}:${kstDate(now)}${isGone ? ':account-delete' : ''}`,
    kind: isGone ? 'unlink-webhook:account-delete' : 'unlink-webhook',
    subject: form.user_id,
    body: JSON.stringify(form),
  };
}

/** One token may tell several events; the one that ends the link counts. */
export function kakaoSecurityNotice(claims: Claims, body: string): ProviderNotice {
  const events = asClaims(claims.events);
  const kinds = Object.keys(events).map((uri) => uri.slice(uri.lastIndexOf('/') + 1));
  const kind = kinds.find((one) => endsTheLink('kakao', one)) ?? kinds[0] ?? 'unknown';
  const subject = asClaims(asClaims(Object.values(events)[0]).subject);
  return {
    provider: 'kakao',
    eventKey: `jti:${String(claims.jti)}`,
    kind: kind.slice(0, MAX_KIND_LENGTH),
    subject: asText(claims.sub) || asText(subject.sub),
    body,
  };
}

export function appleNotice(claims: Claims, body: string): ProviderNotice {
  const event = appleEventOf(claims);
  return {
    provider: 'apple',
    eventKey: `jti:${String(claims.jti)}`,
    kind: (asText(event.type) || 'unknown').slice(0, MAX_KIND_LENGTH),
    subject: asText(event.sub),
    body,
  };
}

export function naverDisconnectNotice(subject: string, notification: { signature?: string }): ProviderNotice {
  return {
    provider: 'naver',
    eventKey: `signature:${notification.signature}`,
    kind: 'disconnect',
    subject,
    body: JSON.stringify(notification),
  };
}

/** When it happened (Kakao `toe`, Apple `event_time`, Naver `timestamp`); null when the notice does not say. */
export function happenedAt(claims: Claims): Date | null {
  const time = claims.toe ?? appleEventOf(claims).event_time ?? claims.iat ?? Number(claims.timestamp);
  if (typeof time !== 'number' || !(time > 0)) return null;
  const at = new Date(time < MAX_SECONDS ? time * 1000 : time);
  return Number.isNaN(at.getTime()) ? null : at;
}

/** Providers count in seconds: a link made within the second of the event was made before it. */
export function endsLinksMadeBefore(event: Date): Date {
  return new Date((Math.floor(event.getTime() / 1000) + 1) * 1000);
}

/** Apple writes `events` as JSON inside the JSON. */
function appleEventOf({ events }: Claims): Claims {
  if (typeof events !== 'string') return asClaims(events);
  try {
    return asClaims(JSON.parse(events));
  } catch {
    return {}; // kept as an unknown event
  }
}

const asClaims = (value: unknown): Claims =>
  value !== null && typeof value === 'object' ? (value as Claims) : {};
const asText = (value: unknown): string => (typeof value === 'string' ? value : '');
