import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type { MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm';
import { readingLetters, SCRIPT_LOCK_ID } from './adapter.js';
import { type Database, statement } from './database.js';

/** pg-boss keeps its tables in a schema of its own; PostGIS its catalogue in `public`. */
const NOT_OURS = { externalTables: ['public.spatial_ref_sys'], externalEnums: [] };
const LOCKFILE = 'migration_lock.toml';
/** Any number, the same in every process: one migrates, the others wait. */
const MIGRATION_LOCK_ID = 7_310_001;

export const PRISMA_DIR = fileURLToPath(new URL(findPrismaDir(), import.meta.url));

/** The `prisma` folder lies above `src/platform/database`, with or without a `dist/` between. */
function findPrismaDir(): string {
  return import.meta.url.includes('/dist/src/') ? '../../../../prisma' : '../../../prisma';
}

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

async function readMigrations(): Promise<Migration[]> {
  const entries = await readdir(join(PRISMA_DIR, 'migrations'), { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(PRISMA_DIR, 'migrations', name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

const tableExists = statement<{ found: boolean }>(
  'migrations_table',
  `select to_regclass('public._prisma_migrations') is not null as found`,
);
const appliedMigrations = statement<{ name: string; checksum: string }>(
  'migrations_applied',
  `select migration_name as name, checksum from _prisma_migrations where finished_at is not null and rolled_back_at is null`,
);

/** A migration is all there or not at all (`adapter.ts`), so one that did not finish is begun again. */
const giveUpUnfinished = statement<never>(
  'migrations_give_up_unfinished',
  `update _prisma_migrations set rolled_back_at = now() where finished_at is null and rolled_back_at is null`,
);

/**
 * Names of the migrations that this database still lacks. Those of a newer version do not matter: they only add
 * (docs/operations.md), so that the old version goes on while the new one comes.
 * @throws Error when an applied migration was edited afterwards.
 */
export async function pendingMigrations(db: Database): Promise<string[]> {
  const [table] = await db.rows(tableExists, []);
  const applied = new Map<string, string>();
  if (table?.found)
    for (const row of await db.rows(appliedMigrations, [])) applied.set(row.name, row.checksum);
  const migrations = await readMigrations();
  const edited = migrations.filter(
    ({ name, checksum }) => applied.has(name) && applied.get(name) !== checksum,
  );
  if (edited.length > 0) {
    throw new Error(
      `Applied migrations were edited afterwards: ${edited.map(({ name }) => name).join(', ')}`,
    );
  }
  return migrations.filter(({ name }) => !applied.has(name)).map(({ name }) => name);
}

/** Applies what is pending with Prisma's own engine (as WebAssembly: nothing is downloaded). Safe to run in many processes at once. */
export async function migrate(db: Database): Promise<string[]> {
  if (db.lite) return applyPending(db);
  const lockHolder = await db.pool.connect();
  try {
    await lockHolder.query('set lock_timeout = 0; set statement_timeout = 0');
    await lockHolder.query('select pg_advisory_lock($1)', [MIGRATION_LOCK_ID]);
    // A process that was killed may have left a script running.
    await lockHolder.query('select pg_advisory_lock($1), pg_advisory_unlock($1)', [SCRIPT_LOCK_ID]);
    return await applyPending(db);
  } finally {
    lockHolder.release(true); // closing the connection gives the lock back, whatever happened
  }
}

async function applyPending(db: Database): Promise<string[]> {
  if ((await pendingMigrations(db)).length === 0) return [];
  if ((await db.rows(tableExists, []))[0]?.found) await db.rows(giveUpUnfinished, []);
  return withEngine(db, async (engine) => {
    const { appliedMigrationNames } = await engine.applyMigrations({
      migrationsList: await migrationList(),
      filters: NOT_OURS,
    });
    return appliedMigrationNames;
  });
}

/** The SQL that would turn the database at hand into what `schema.prisma` describes; empty when they agree. */
export async function schemaDrift(db: Database): Promise<string> {
  const schema = await readFile(join(PRISMA_DIR, 'schema.prisma'), 'utf8');
  const files = [{ path: 'schema.prisma', content: schema }];
  return withEngine(db, async (engine) => {
    const { stdout } = await engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: PRISMA_DIR },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: null,
      filters: NOT_OURS,
    });
    return stdout?.includes('empty migration') ? '' : (stdout ?? '');
  });
}

async function withEngine<T>(db: Database, work: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  const { SchemaEngine } = await import('@prisma/schema-engine-wasm');
  const schema = await readFile(join(PRISMA_DIR, 'schema.prisma'), 'utf8');
  const adapter = bindMigrationAwareSqlAdapterFactory(readingLetters(db.adapterFactory()));
  const engine = await SchemaEngine.new({ datamodels: [['schema.prisma', schema]] }, () => {}, adapter);
  try {
    return await work(engine);
  } finally {
    engine.free();
  }
}

async function migrationList(): Promise<MigrationList> {
  const migrations = await readMigrations();
  return {
    baseDir: join(PRISMA_DIR, 'migrations'),
    lockfile: { path: LOCKFILE, content: await readFile(join(PRISMA_DIR, 'migrations', LOCKFILE), 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories: migrations.map(({ name, sql }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } },
    })),
  };
}
