import pino, { type DestinationStream, type Logger } from 'pino';
import type { Config } from '../../config/config.js';
import { isRequestLogger, logContext } from './context.js';
import type { LogTap } from './log-tap.js';
import { errorForLog, redacted } from './redaction.js';

const ERROR = pino.levels.values.error!;
/** Lines are written together, at the latest after so long; with one of level `error` at once. */
const WRITE_EVERY_MS = 100;
const WRITE_FROM_BYTES = 8_192;

/** JSON lines: a sentence plus fields, the request id in all that belongs to a request. */
export function createLogger(config: Config, into?: DestinationStream, tap?: LogTap): Logger {
  const lines = config.log.pretty || into ? undefined : linesToStdout();
  const options: pino.LoggerOptions = {
    level: config.log.level,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label) => ({ level: label }),
      log: (fields) => redacted(fields) as Record<string, unknown>,
    },
    mixin: (_fields, _level, logger) => (isRequestLogger(logger) ? {} : { ...logContext.getStore()?.fields }),
    hooks: {
      logMethod(args, method, level) {
        if (level >= ERROR) tap?.hear(args);
        method.apply(this, args);
        if (level >= ERROR) lines?.flushSync();
      },
    },
    serializers: { err: errorForLog },
    transport: config.log.pretty ? { target: 'pino-pretty', options: { singleLine: true } } : undefined,
  };
  const destination = into ?? lines;
  return withRedactedChildren(destination ? pino(options, destination) : pino(options));
}

const linesToStdout = () =>
  pino.destination({
    dest: process.stdout.fd,
    sync: false,
    minLength: WRITE_FROM_BYTES,
    periodicFlush: WRITE_EVERY_MS,
  });

/** The fields of child loggers go past `formatters.log`. Children inherit this from their parents. */
function withRedactedChildren(logger: Logger): Logger {
  const child: unknown = Reflect.get(logger, 'child');
  const redactedChild = function (
    this: Logger,
    fields: pino.Bindings,
    options?: pino.ChildLoggerOptions,
  ): Logger {
    return (child as typeof redactedChild).call(this, redacted(fields) as pino.Bindings, options);
  };
  return Object.assign(logger, { child: redactedChild });
}
