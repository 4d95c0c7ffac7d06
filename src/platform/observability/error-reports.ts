import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { ErrorEvent, EventHint, NodeClient, Scope } from '@sentry/node';
import { CONFIG, type Config } from '../../config/config.js';
import { ownPackage } from '../package.js';
import { logContext } from './context.js';
import { type LoudLine, LogTap } from './log-tap.js';
import { messageForLog, withoutQuotations } from './redaction.js';

/** What an outage may send in a minute; the rest of it says the same. */
const MAX_PER_MINUTE = 60;
const FAREWELL_MS = 2_000;
/** Beyond what waits to be sent, reports are dropped: a Sentry that is slow fills no memory. */
const MAX_WAITING = 30;

/** Reports 5xx, failed jobs and crashes to Sentry: the kind, the stack and what the log line says, and nothing of what was sent to us. */
@Injectable()
export class ErrorReports implements OnModuleInit {
  private readonly log = new Logger(ErrorReports.name);
  private sender: { client: NodeClient; scope: Scope } | null = null;
  private minute = 0;
  private sent = 0;

  constructor(
    private readonly tap: LogTap,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** The library is large and patches much: it is loaded only where it is wanted, and only its sending half is used. */
  async onModuleInit(): Promise<void> {
    const { sentryDsn: dsn, env: environment } = this.config;
    if (!dsn) return;
    const { defaultStackParser, makeNodeTransport, NodeClient, Scope } = await import('@sentry/node');
    const { name, version } = await ownPackage();
    const client = new NodeClient({
      dsn,
      environment,
      release: `${name}@${version}`,
      transport: makeNodeTransport,
      transportOptions: { bufferSize: MAX_WAITING },
      stackParser: defaultStackParser,
      integrations: [],
      enableRuntimeChannelInjection: false,
      sendClientReports: false,
      beforeSend: scrubbed,
    });
    client.init();
    const scope = new Scope();
    scope.setClient(client);
    this.sender = { client, scope };
    this.tap.listen((line) => {
      if (line.failure) this.report(line);
    });
  }

  /** What waits is sent, within two seconds. */
  async stop(): Promise<void> {
    await this.sender?.client.close(FAREWELL_MS);
  }

  private report({ sentence, failure, alarm, err, fields }: LoudLine): void {
    if (!this.sender || this.isOverLimit()) return;
    const { scope } = this.sender;
    const requestId = logContext.getStore()?.requestId;
    const own = scope.clone();
    own.setTags({ ...fields, ...logContext.getStore()?.fields, failure, alarm, requestId });
    own.captureException(err ?? new Error(sentence));
  }

  private isOverLimit(): boolean {
    const minute = Math.floor(performance.now() / 60_000);
    if (minute !== this.minute) [this.minute, this.sent] = [minute, 0];
    this.sent++;
    if (this.sent === MAX_PER_MINUTE + 1) this.log.warn('more errors than are reported in a minute');
    return this.sent > MAX_PER_MINUTE;
  }
}

/** What may leave the house: built up from nothing, so that what the library adds some day stays here. */
export function scrubbed(event: ErrorEvent, { originalException }: EventHint): ErrorEvent {
  const exceptions = event.exception?.values ?? [];
  // Without the integration that follows causes there is one.
  const error = originalException instanceof Error ? originalException : null;
  return {
    type: undefined,
    event_id: event.event_id,
    timestamp: event.timestamp,
    platform: event.platform,
    level: event.level,
    release: event.release,
    environment: event.environment,
    tags: event.tags,
    contexts: { runtime: { name: 'node', version: process.version } },
    exception: {
      values: exceptions.map(({ type, stacktrace }) => ({
        type,
        value: withoutQuotations((error && messageForLog(error)) ?? ''),
        stacktrace: {
          frames: (stacktrace?.frames ?? []).map(({ filename, function: name, lineno, colno, in_app }) => ({
            filename,
            function: name,
            lineno,
            colno,
            in_app,
          })),
        },
      })),
    },
  };
}
