import pino, { type Logger } from 'pino';
import type { Config } from '../../config/config.js';

/** Whatever is logged under these names is a secret or tells where somebody is. */
const REDACTED = [
  'authorization',
  'cookie',
  'accessToken',
  'refreshToken',
  'identityToken',
  'authorizationCode',
  'token',
  'password',
  'nickname',
  'email',
  'phone',
  'lat',
  'lng',
  'points',
  'segments',
];

/** JSON lines: a sentence plus fields, the request id in all that belongs to a request. */
export function createLogger(config: Config): Logger {
  return pino({
    level: config.log.level,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: [...REDACTED, ...REDACTED.map((name) => `*.${name}`), ...REDACTED.map((name) => `*.*.${name}`)], censor: '[redacted]' },
    serializers: { err: errorForLog },
    transport: config.log.pretty ? { target: 'pino-pretty', options: { singleLine: true } } : undefined,
  });
}

/** Type, SQLSTATE and stack; messages of Prisma quote the arguments of the call, so only their first line is kept. */
function errorForLog(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  const prisma = error.name.startsWith('PrismaClient');
  return {
    type: error.name,
    code: (error as { code?: unknown }).code,
    message: prisma ? error.message.trim().split('\n').at(-1) : error.message,
    stack: error.stack?.split('\n').filter((line) => line.trim().startsWith('at ')).slice(0, 12).join('\n'),
    ...(error.cause instanceof Error && { cause: errorForLog(error.cause) }),
  };
}
