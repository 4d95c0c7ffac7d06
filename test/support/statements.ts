import pg from 'pg';
import { logContext } from '../../src/platform/observability/context.js';
import type { TestApp } from './harness.js';

/** One statement as it went to the database. */
export interface Sent {
  text: string;
  values: readonly unknown[];
}

type Method = (this: unknown, ...given: unknown[]) => unknown;

/** What the requests in `work` send to the database by whichever way: hand-written, by Prisma, and the `begin` of a transaction. */
export async function statementsOf({ db }: TestApp, work: () => Promise<unknown>): Promise<Sent[]> {
  const sent: Sent[] = [];
  const target = (db.lite ?? pg.Client.prototype) as unknown as Record<string, Method>;
  const originals = ['query', 'exec', 'transaction'].flatMap((name) => {
    const original = target[name];
    return original ? [{ name, original, isOwn: Object.hasOwn(target, name) }] : [];
  });
  for (const { name, original } of originals) {
    target[name] = function (query, values, ...rest) {
      const { text, values: given } = (typeof query === 'object' ? query : {}) as Partial<Sent>;
      // What the process does by itself meanwhile is nobody's request.
      if (logContext.getStore())
        sent.push({
          text: typeof query === 'string' ? query : (text ?? 'begin'),
          values: Array.isArray(values) ? values : (given ?? []),
        });
      return original.call(this, query, values, ...rest);
    };
  }
  try {
    await work();
  } finally {
    for (const { name, original, isOwn } of originals) {
      if (isOwn) target[name] = original;
      else delete target[name];
    }
  }
  return sent;
}
