import { AsyncLocalStorage } from 'node:async_hooks';
import { v7 as uuidv7 } from 'uuid';
import { pooledRandomBytes } from '../crypto/secrets.js';

/** What goes on belongs to this request: jobs and sockets carry it on, so that one id finds all that it caused. */
export interface LogContext {
  requestId: string;
  /** Goes into each log line. */
  fields: Readonly<Record<string, string>>;
}

export const logContext = new AsyncLocalStorage<LogContext>();

const HAS_FIELDS = Symbol('HAS_FIELDS');

/** A request's own logger, and its children, write the fields already. */
export const markRequestLogger = (logger: object): void => void Object.assign(logger, { [HAS_FIELDS]: true });
export const isRequestLogger = (logger: object): boolean => HAS_FIELDS in logger;

const REQUEST_ID = /^[\w-]{8,64}$/;
const TRACEPARENT = /^[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:-|$)/;

const UUID_BYTES = 16;

export const newRequestId = (): string => uuidv7({ rng: () => pooledRandomBytes(UUID_BYTES) });

/** A request id that a client gave, if it is one. */
export const givenRequestId = (header: unknown): string | undefined =>
  typeof header === 'string' && REQUEST_ID.test(header) ? header : undefined;

/** The trace id of a W3C `traceparent`. */
export const traceIdOf = (header: unknown): string | undefined =>
  typeof header === 'string' ? TRACEPARENT.exec(header)?.[1] : undefined;
