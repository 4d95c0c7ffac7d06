/** Runs a query without parameters. */
export type Ask = (sql: string) => Promise<{ rows: unknown[] }>;

const TABLES = `select format('%I.%I', n.nspname, c.relname) as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
  order by 1`;

/** All tables but the catalogue's and those of extensions. */
export async function tablesOf(ask: Ask): Promise<string[]> {
  return ((await ask(TABLES)).rows as { name: string }[]).map(({ name }) => name);
}

export async function countRows(ask: Ask): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of await tablesOf(ask)) {
    const { rows } = await ask(`select count(*)::float8 as count from ${name}`);
    counts[name] = (rows as { count: number }[])[0]!.count;
  }
  return counts;
}

export async function versionsOf(ask: Ask): Promise<{ postgresVersion: number; schemaVersion: string }> {
  const { rows } = await ask(`select current_setting('server_version_num')::int / 10000 as postgres,
    (select max(migration_name) from _prisma_migrations where finished_at is not null) as schema`);
  const [found] = rows as { postgres: number; schema: string | null }[];
  return { postgresVersion: found!.postgres, schemaVersion: found!.schema ?? '' };
}

/** @throws Error that names the tables whose rows are not as many as they were */
export function compareCounts(expected: Record<string, number>, found: Record<string, number>): void {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])];
  const different = names.filter((name) => expected[name] !== found[name]);
  if (different.length === 0) return;
  const list = different.map(
    (name) => `${name} (${found[name] ?? 'none'} instead of ${expected[name] ?? 'none'})`,
  );
  throw new Error(`What was restored differs from the manifest: ${list.join(', ')}`);
}
