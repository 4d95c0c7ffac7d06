/** SQLSTATE of a database error, however deep Prisma, its adapter or pg-boss wrapped it; undefined for other errors. */
export function sqlStateOf(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 6; depth++) {
    const { code, meta, cause } = at as {
      code?: unknown;
      meta?: { driverAdapterError?: unknown };
      cause?: unknown;
    };
    if (typeof code === 'string') {
      const state = PRISMA_TO_SQLSTATE.get(code);
      if (state) return state;
      // A digit is in every SQLSTATE, and in no code of a socket that has five letters (EPIPE).
      if (/^(?=.*\d)[0-9A-Z]{5}$/.test(code) && !/^P[12]/.test(code)) return code;
    }
    for (const driver of [(meta?.driverAdapterError as { cause?: unknown } | undefined)?.cause, cause]) {
      const { originalCode, kind } = (driver ?? {}) as { originalCode?: unknown; kind?: unknown };
      if (typeof originalCode === 'string') return originalCode;
      if (typeof kind === 'string' && CONNECTION_LOST.has(kind)) return '08006';
    }
    at = cause;
  }
  return undefined;
}

/** What Prisma's adapter calls the errors of a socket, where its engine did not get to give them a code. */
const CONNECTION_LOST: ReadonlySet<string> = new Set([
  'ConnectionClosed',
  'DatabaseNotReachable',
  'SocketTimeout',
]);

const PRISMA_TO_SQLSTATE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    P2002: '23505',
    P2003: '23503',
    P2025: 'P2025', // the row to change is gone
    P2034: '40001',
    P2024: '53300', // no connection from the pool in time
    P2028: '53300', // no transaction in time
    P1001: '08001',
    P1008: '08006',
    P1017: '08006',
  }),
);

/** Serialization failure or deadlock: the same work may succeed when run again. */
export const isRetryable = (error: unknown): boolean => ['40001', '40P01'].includes(sqlStateOf(error) ?? '');

/** Of sockets and names; a Unix socket that is away is a file that is not there. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['EAI_AGAIN', 'ENOTFOUND', 'ENOENT'],
]);

/** The database is away, restarting, or out of connections: the client should come back. */
export function isUnavailable(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state) return /^(08|53|57P0|55P03|57014)/.test(state);
  for (let at = error, depth = 0; at instanceof Error && depth < 6; depth++) {
    const code = (at as { code?: unknown }).code;
    if (typeof code === 'string' && UNREACHABLE.has(code)) return true;
    if (
      /timeout exceeded when trying to connect|Connection terminated|Connection ended|connection error and is not queryable/i.test(
        at.message,
      )
    )
      return true;
    at = at.cause;
  }
  return false;
}
