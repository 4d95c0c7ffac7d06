import pino, { type DestinationStream, type Logger } from 'pino';
import type { Config } from '../../config/config.js';
import { sqlStateOf } from '../database/errors.js';

/** Whatever is logged under these names is a secret, tells who somebody is, or where. Case, `_` and `-` do not matter. */
const REDACTED = new Set([
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
const CENSOR = '[redacted]';
const MAX_DEPTH = 8;

/** JSON lines: a sentence plus fields, the request id in all that belongs to a request. */
export function createLogger(config: Config, into?: DestinationStream): Logger {
  const options: pino.LoggerOptions = {
    level: config.log.level,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label) => ({ level: label }),
      log: (fields) => redacted(fields) as Record<string, unknown>,
    },
    // The fields of child loggers go past `formatters.log`.
    redact: { paths: [...REDACTED, ...[...REDACTED].map((name) => `*.${name}`)], censor: CENSOR },
    serializers: { err: errorForLog },
    transport: config.log.pretty ? { target: 'pino-pretty', options: { singleLine: true } } : undefined,
  };
  return into ? pino(options, into) : pino(options);
}

/** A copy without the secrets, however deep; only plain objects and lists are looked into. */
function redacted(value: unknown, depth = 0): unknown {
  if (Array.isArray(value))
    return depth < MAX_DEPTH ? value.map((item) => redacted(item, depth + 1)) : '[deep]';
  if (value === null || typeof value !== 'object' || !isPlain(value)) return value;
  if (depth >= MAX_DEPTH) return '[deep]';
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, isSecret(key) ? CENSOR : redacted(member, depth + 1)]),
  );
}

const isSecret = (key: string): boolean => REDACTED.has(key.replaceAll(/[_-]/g, '').toLowerCase());

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Type, code, stack and causes. Messages of Prisma quote the arguments of the call, so only their last line is kept. */
function errorForLog(error: unknown): Record<string, unknown> {
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
  return state?.startsWith('22') ? `PostgreSQL refused a value (${state})` : lastLine; // class 22 quotes the value
}
