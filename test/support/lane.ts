import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { lendDatabase } from './kept-database.js';

/** Which lane the suites run in: PostgreSQL + Redis when TEST_DATABASE_URL is set, else the embedded database. */
export const SERVER_URL = process.env.TEST_DATABASE_URL;
export const REDIS_URL = process.env.TEST_REDIS_URL;

/**
 * Of processes that suites start: they live for seconds, in which the embedded database is compiled but not optimized, and
 * garbage may lie.
 */
export const NODE_FLAGS = [
  '--no-warnings',
  ...(SERVER_URL ? [] : ['--liftoff-only', '--min-semi-space-size=64', '--max-semi-space-size=64']),
];
/** All that they get of ours; what one has compiled, the next one need not. */
export const PROCESS_ENV = {
  PATH: process.env.PATH ?? '',
  HOME: process.env.HOME ?? '',
  NODE_COMPILE_CACHE: resolve('.cache/compiled'),
};

const IN_MEMORY = '/dev/shm';
export const SCRATCH = 'withbowwow-test-';
const SCRATCH_BYTES = 4e9;
const MIGRATIONS = resolve('prisma/migrations');

/**
 * Changes with what makes the database: migrations, packages, the script. The queues of a template that stays are brought
 * up to date by each start, but one whose job was removed stays in it.
 */
export async function templateKey(): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(MIGRATIONS)).sort()) {
    hash.update(name);
    if (!name.endsWith('.toml')) hash.update(await readFile(join(MIGRATIONS, name, 'migration.sql')));
  }
  hash.update(await readFile('scripts/make-test-template.ts'));
  const { dependencies } = JSON.parse(await readFile('package.json', 'utf8')) as {
    dependencies: Record<string, string>;
  };
  hash.update(`${dependencies['pg-boss']} ${dependencies['@electric-sql/pglite']}`);
  return hash.digest('hex').slice(0, 12);
}

export const templateFolder = async (): Promise<string> =>
  resolve('.cache', `template-${await templateKey()}`);
/** The same in one file, to be opened in memory. */
export const templateArchive = async (): Promise<string> => `${await templateFolder()}.tar`;
export const templateDatabase = async (): Promise<string> => `withbowwow_template_${await templateKey()}`;

export interface OwnDatabase {
  env: Record<string, string>;
  remove(): Promise<void>;
}

/** A database of the suite's own, copied from the template: to start processes on it, to change its tables, to break it. */
export async function ownDatabase(): Promise<OwnDatabase> {
  return SERVER_URL ? onServer(SERVER_URL) : embedded();
}

/** As new, for whoever stays in this process: the embedded one is not opened for each suite. */
export async function borrowedDatabase(): Promise<OwnDatabase> {
  if (SERVER_URL) return onServer(SERVER_URL);
  const folder = await mkdtemp(join(tmpdir(), SCRATCH));
  const giveBack = await lendDatabase(await templateArchive(), join(folder, 'postgres'));
  if (!giveBack) {
    await rm(folder, { recursive: true });
    return embedded();
  }
  return {
    env: { DATA_DIR: folder },
    remove: async () => {
      await giveBack();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** In memory, where there is room for many databases: PostgreSQL has 1,400 files. */
async function scratchFolder(): Promise<string> {
  const { bavail = 0, bsize = 0 } = (await statfs(IN_MEMORY).catch(() => null)) ?? {};
  const inMemory =
    bavail * bsize > SCRATCH_BYTES && (await mkdtemp(join(IN_MEMORY, SCRATCH)).catch(() => null));
  return inMemory || mkdtemp(join(tmpdir(), SCRATCH));
}

/** What runs that were killed left in memory. */
export async function sweepMemory(): Promise<void> {
  const yesterdayMs = Date.now() - 86_400_000;
  for (const name of await readdir(IN_MEMORY).catch(() => [])) {
    const folder = join(IN_MEMORY, name);
    if (!name.startsWith(SCRATCH)) continue;
    const found = await stat(folder).catch(() => null); // another run may just be done with it
    if (found && found.mtimeMs < yesterdayMs) await rm(folder, { recursive: true, force: true });
  }
}

/** Node's own copying takes ten times as long. */
export async function copyFolder(from: string, to: string): Promise<void> {
  await promisify(execFile)('cp', ['-R', from, to]);
}

async function embedded(): Promise<OwnDatabase> {
  const folder = await scratchFolder();
  await copyFolder(join(await templateFolder(), 'postgres'), join(folder, 'postgres'));
  return { env: { DATA_DIR: folder }, remove: () => rm(folder, { recursive: true, force: true }) };
}

async function onServer(serverUrl: string): Promise<OwnDatabase> {
  const name = `withbowwow_test_${randomUUID().replaceAll('-', '')}`;
  const folder = await mkdtemp(join(tmpdir(), SCRATCH));
  await onAdminConnection(serverUrl, `create database ${name} template ${await templateDatabase()}`);
  return {
    env: { DATABASE_URL: databaseUrl(serverUrl, name), DATA_DIR: folder, ...(REDIS_URL && { REDIS_URL }) },
    remove: async () => {
      await onAdminConnection(serverUrl, `drop database if exists ${name} with (force)`);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.toString();
}

/** Statements that cannot run inside the database they are about. */
export async function onAdminConnection(serverUrl: string, sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}
