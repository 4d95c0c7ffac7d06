import pg from 'pg';
import { logContext } from '../../src/platform/observability/context.js';

/** One statement as it went to the database. */
export interface Sent {
  text: string;
  values: readonly unknown[];
}

type Query = (
  this: pg.Client,
  query: string | Partial<Sent>,
  values?: unknown,
  ...rest: unknown[]
) => unknown;

/** What the requests in `work` send to the database by whichever way: hand-written, by Prisma, and the `begin` of a transaction. */
export async function statementsOf(work: () => Promise<unknown>): Promise<Sent[]> {
  const sent: Sent[] = [];
  const target = pg.Client.prototype as unknown as { query: Query };
  const original = target.query;
  target.query = function (query, values, ...rest) {
    const { text = '', values: given = [] } = typeof query === 'string' ? { text: query } : query;
    // What the process does by itself meanwhile is nobody's request.
    if (logContext.getStore()) sent.push({ text, values: Array.isArray(values) ? values : given });
    return original.call(this, query, values, ...rest);
  };
  try {
    await work();
  } finally {
    target.query = original;
  }
  return sent;
}
