import { sqlStateOf } from '../database/errors.js';

/** Whatever is logged under these names is a secret, tells who somebody is, or where. Case, `_` and `-` do not matter. */
export const REDACTED = new Set([
  'authorization',
  'cookie',
  'setcookie',
  'accesstoken',
  'refreshtoken',
  'identitytoken',
  'idtoken',
  'authorizationcode',
  'clientsecret',
  'token',
  'secret',
  'password',
  'nickname',
  'email',
  'phone',
  'phonenumber',
  'lat',
  'lng',
  'latitude',
  'longitude',
  'lon',
  'coordinates',
  'geometry',
  'preview',
  'nonce',
  'privacyseed',
  'body',
  'payload',
  'points',
  'segments',
  'billingkey',
  'customerkey',
  'paymentkey',
  'authkey',
  'purchasetoken',
  'signedpayload',
  'signedtransaction',
  'jws',
]);
export const CENSOR = '[redacted]';
const MAX_DEPTH = 8;

/** A copy without the secrets, however deep. What has a text of its own (dates, decimals, bytes) and errors stay as they are. */
export function redacted(value: unknown, depth = 0): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value))
    return depth < MAX_DEPTH ? value.map((item) => redacted(item, depth + 1)) : '[deep]';
  if (value instanceof Error || 'toJSON' in value) return value;
  if (depth >= MAX_DEPTH) return '[deep]';
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value))
    copy[key] = isSecret(key) ? CENSOR : redacted((value as Record<string, unknown>)[key], depth + 1);
  return copy;
}

/** Names of fields are few: they stand in the code. Those of a stranger's object are not remembered beyond that. */
const judgedNames = new Map<string, boolean>();
const MAX_JUDGED_NAMES = 1_000;

function isSecret(key: string): boolean {
  const known = judgedNames.get(key);
  if (known !== undefined) return known;
  const judged = REDACTED.has(key.replaceAll(/[_-]/g, '').toLowerCase());
  if (judgedNames.size < MAX_JUDGED_NAMES) judgedNames.set(key, judged);
  return judged;
}

/** Type, code, stack and causes. Messages of Prisma quote the arguments of the call, so only their last line is kept. */
export function errorForLog(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    type: error.name,
    code: (error as { code?: unknown }).code,
    message: messageForLog(error),
    stack: error.stack
      ?.split('\n')
      .filter((line) => line.trim().startsWith('at '))
      .slice(0, 12)
      .join('\n'),
    ...(error.cause instanceof Error && { cause: errorForLog(error.cause) }),
  };
}

/** What an error says, without the arguments and values that Prisma and PostgreSQL quote. */
export function messageForLog(error: Error): string | undefined {
  const lastLine = error.name.startsWith('PrismaClient')
    ? error.message.trim().split('\n').at(-1)
    : error.message;
  const state = sqlStateOf(error) ?? /Code: `(\w{5})`/.exec(lastLine ?? '')?.[1];
  if (state?.startsWith('22')) return `PostgreSQL refused a value (${state})`; // class 22 quotes the value
  return lastLine && masked(lastLine, SECRETS);
}

/** What tells who somebody is or where, or lets somebody in, in whatever text it comes. */
const SECRETS: readonly RegExp[] = [
  /\beyJ[\w-]+(?:\.[\w-]+)*/g,
  /\b(?:Bearer|Basic)\s+\S+/gi,
  /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g,
  /-?\d+\.\d{4,}/g,
];
/** What may be what somebody sent. */
const QUOTATIONS: readonly RegExp[] = [/"[^"]*"|'[^']*'|`[^`]*`/g, /\b\w+:\/\/\S+/g, /\d(?:[ -]?\d){8,}/g];

const masked = (text: string, patterns: readonly RegExp[]): string =>
  patterns.reduce((left, pattern) => left.replace(pattern, '…'), text);

/** For what leaves the house: quotations, addresses, tokens, coordinates and long numbers are gone. */
export const withoutQuotations = (text: string): string => masked(text, [...QUOTATIONS, ...SECRETS]);
