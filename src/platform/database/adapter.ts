import { createHash } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
  type SqlQuery,
} from '@prisma/driver-adapter-utils';
import type pg from 'pg';

/** Prisma's adapter for pg on our pool. It cuts a migration at every `;`, even inside a function body: mended here. */
export function adapterOf(pool: pg.Pool): SqlMigrationAwareDriverAdapterFactory {
  const statementNameGenerator = ({ sql }: { sql: string }) =>
    `p${createHash('md5').update(sql).digest('hex')}`;
  const factory = new PrismaPg(pool, { statementNameGenerator });
  const mend = (adapter: SqlDriverAdapter) =>
    Object.assign(adapter, { executeScript: (script: string) => runPatiently(pool, script) });
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => mend(await factory.connect()),
    connectToShadowDb: async () => mend(await factory.connectToShadowDb()),
  };
}

/** `"char"`, one letter of the catalogue; and text. */
const [LETTER_OID, TEXT_OID] = [18, 25];

/** What the adapter has beyond its types. */
interface PgAdapter extends SqlDriverAdapter {
  performIO(query: SqlQuery): Promise<pg.QueryArrayResult>;
}

/** For the migration engine, which reads letters of the catalogue: the adapter does not know their type. */
export function readingLetters(
  factory: SqlMigrationAwareDriverAdapterFactory,
): SqlMigrationAwareDriverAdapterFactory {
  return {
    ...factory,
    connect: async () => {
      const adapter = (await factory.connect()) as PgAdapter;
      const [queryRaw, performIO] = [adapter.queryRaw.bind(adapter), adapter.performIO.bind(adapter)];
      let letters: number[] = []; // the engine asks one by one
      adapter.performIO = async (query) => {
        const result = await performIO(query);
        letters = result.fields.flatMap(({ dataTypeID }, i) => (dataTypeID === LETTER_OID ? [i] : []));
        for (const i of letters) result.fields[i]!.dataTypeID = TEXT_OID;
        return result;
      };
      adapter.queryRaw = async (query) => {
        const result = await queryRaw(query);
        for (const i of letters) result.columnTypes[i] = ColumnTypeEnum.Character;
        return result;
      };
      return adapter;
    },
  };
}

/** Any number, the same in every process: held as long as a script runs, also by a session whose process was killed. */
export const SCRIPT_LOCK_ID = 7_310_003;

/** An index on a big table takes longer than a request may; waiting for a lock is still bounded. */
async function runPatiently(pool: pg.Pool, script: string): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query(`set statement_timeout = 0; select pg_advisory_lock(${SCRIPT_LOCK_ID})`);
    await client.query(withMark(script));
  } finally {
    client.release(true); // its settings go with it
  }
}

/**
 * A script is one implicit transaction, and this makes the engine's note that a migration is finished a part of it: a
 * process that is killed in between leaves both or neither. (`concurrently` works only outside of a transaction.)
 */
function withMark(script: string): string {
  if (/\bconcurrently\b/i.test(script)) return script;
  const checksum = createHash('sha256').update(script).digest('hex');
  return `${script}
;do $$ begin
  if to_regclass('public._prisma_migrations') is not null then
    update public._prisma_migrations set finished_at = now(), applied_steps_count = 1
     where checksum = '${checksum}' and finished_at is null and rolled_back_at is null;
  end if;
end $$`;
}
