import { Redis } from 'ioredis';
import { statement } from '../../src/platform/database/database.js';
import { Storage } from '../../src/platform/storage/storage.js';
import type { TestApp } from './harness.js';
import { REDIS_URL } from './lane.js';

const everyColumn = statement<{ schema: string; table: string; column: string }>(
  'traces_columns',
  `select c.table_schema::text as schema, c.table_name::text as "table", c.column_name::text as "column"
   from information_schema.columns c
   join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
   where c.table_schema not in ('pg_catalog', 'information_schema') and t.table_type = 'BASE TABLE'
     and c.table_name <> 'spatial_ref_sys'`,
);

/** `table.column`s of every schema in which one of the words stands: as text, or as bytes. */
export async function columnsNaming(test: TestApp, words: readonly string[]): Promise<string[]> {
  const columns = await test.db.rows(everyColumn, []);
  const sought = words.flatMap((word) => [word, Buffer.from(word).toString('hex')]);
  const byTable = Map.groupBy(columns, ({ schema, table }) => `"${schema}"."${table}"`);
  const found: string[] = [];
  for (const [from, ofTable] of byTable) {
    const naming = ofTable.map(
      ({ column }, i) =>
        `coalesce(bool_or("${column}"::text like any (array(select '%' || w || '%' from sought))), false) as c${i}`,
    );
    const sql = `with sought as (select json_array_elements_text($1::json) as w) select ${naming.join(', ')} from ${from}`;
    const [row] = await test.db.rows(statement<Record<string, boolean>>(`traces_${from}`.slice(0, 60), sql), [
      JSON.stringify(sought),
    ]);
    for (const [i, { schema, table, column }] of ofTable.entries())
      if (row![`c${i}`]) found.push(`${schema === 'public' ? '' : `${schema}.`}${table}.${column}`);
  }
  return found.sort();
}

/** Files of the storage in whose name or content one of the words stands. */
export async function filesNaming(test: TestApp, words: readonly string[]): Promise<string[]> {
  const storage = test.app.get(Storage);
  const found: string[] = [];
  for (const folder of ['photos/', 'uploads/', 'cards/'])
    for await (const { key } of storage.list(folder)) {
      const content = (await storage.get(key))?.toString('latin1') ?? '';
      if (words.some((word) => key.includes(word) || content.includes(word))) found.push(key);
    }
  return found;
}

/** Keys of Redis with one of the words in them; nothing where there is none. */
export async function cacheKeysNaming(words: readonly string[]): Promise<string[]> {
  if (!REDIS_URL) return [];
  const redis = new Redis(REDIS_URL);
  const found: string[] = [];
  for await (const keys of redis.scanStream({ count: 1_000 }) as AsyncIterable<string[]>)
    found.push(...keys.filter((key) => words.some((word) => key.includes(word))));
  redis.disconnect();
  return found;
}
