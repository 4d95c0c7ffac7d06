import pino, { type DestinationStream, type Logger } from 'pino';
import type { Config } from '../../config/config.js';
import { logContext, requestLoggers } from './context.js';
import type { LogTap } from './log-tap.js';
import { CENSOR, errorForLog, REDACTED, redacted } from './redaction.js';

const ERROR = pino.levels.values.error!;

/** JSON lines: a sentence plus fields, the request id in all that belongs to a request. */
export function createLogger(config: Config, into?: DestinationStream, tap?: LogTap): Logger {
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
    mixin: (_fields, _level, logger) =>
      requestLoggers.has(logger) ? {} : { ...logContext.getStore()?.fields },
    hooks: {
      logMethod(args, method, level) {
        if (level >= ERROR) tap?.hear(args);
        method.apply(this, args);
      },
    },
    serializers: { err: errorForLog },
    transport: config.log.pretty ? { target: 'pino-pretty', options: { singleLine: true } } : undefined,
  };
  return into ? pino(options, into) : pino(options);
}
