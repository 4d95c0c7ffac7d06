import { errorForLog, redacted } from './redaction.js';

/** What is in a log line of level `error` or above. */
export interface LoudLine {
  sentence: string;
  /** Kebab-case. In `docs/alarms.md` is what it means and what to do. */
  alarm?: string;
  /** What failed for good: it goes to Sentry. */
  failure?: Failure;
  err?: Error;
  /** Without secrets; only what is short. */
  fields: Record<string, string | number | boolean>;
}

export type Failure = 'request' | 'message' | 'job' | 'process';

const KEPT_UNTIL_HEARD = 100;
const MAX_FIELD_LENGTH = 200;

/**
 * The log is the one door of what operators are to hear: a line with the field `alarm` is an alarm, one with the field
 * `failure` is a report to Sentry. Whoever listens is handed what was said before.
 */
export class LogTap {
  private readonly early: LoudLine[] = [];
  private readonly listeners: ((line: LoudLine) => void)[] = [];

  listen(listener: (line: LoudLine) => void): void {
    this.early.forEach(listener);
    this.listeners.push(listener);
  }

  /** @param args as they were given to pino */
  hear([first, sentence]: readonly unknown[]): void {
    if (first === null || typeof first !== 'object') return;
    const { alarm, failure, err, ...rest } = first as Record<string, unknown>;
    if (typeof alarm !== 'string' && failure === undefined) return;
    const line: LoudLine = {
      sentence: typeof sentence === 'string' ? sentence : '',
      ...(typeof alarm === 'string' && { alarm }),
      ...(failure !== undefined && { failure: failure as Failure }),
      ...(err instanceof Error && { err }),
      fields: shortFields({ ...rest, ...(err instanceof Error && namesOf(err)) }),
    };
    if (this.early.length < KEPT_UNTIL_HEARD) this.early.push(line);
    for (const listener of this.listeners) listener(line);
  }
}

/** Of an error only what it is called: its message may quote what somebody sent. */
function namesOf(error: Error): Record<string, unknown> {
  const { type, code } = errorForLog(error);
  return { error: type, errorCode: code };
}

function shortFields(fields: Record<string, unknown>): LoudLine['fields'] {
  return Object.fromEntries(
    Object.entries(redacted(fields) as Record<string, unknown>).flatMap<[string, string | number | boolean]>(
      ([key, value]) => {
        if (typeof value === 'number' || typeof value === 'boolean') return [[key, value]];
        return typeof value === 'string' ? [[key, value.slice(0, MAX_FIELD_LENGTH)]] : [];
      },
    ),
  );
}
