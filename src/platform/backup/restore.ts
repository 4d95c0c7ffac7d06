import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { Database } from '../database/database.js';
import { holdFolder } from '../database/embedded.js';
import { smallPostgis } from '../database/postgis-bundle.js';
import { BackupError } from './backups.js';
import type { Manifest } from './manifest.js';
import { pgRestore, requireTool } from './postgres-tools.js';
import { compareCounts, countRows, tablesOf } from './tables.js';

const NO_SUCH_DATABASE = '3D000';
const INSUFFICIENT_PRIVILEGE = '42501';
const MAX_NAME_LENGTH = 63;

export interface Restoring {
  manifest: Manifest;
  bytes: AsyncIterable<Uint8Array>;
  /** What stands there may be put aside: the name that was typed, which has to be its own. */
  replace: string | null;
  /** In the restored database, before anybody sees it. */
  settle: (db: Database) => Promise<void>;
}

/**
 * Into a new database, which then takes the place of one that is empty or not there; another one is put aside under
 * another name in the same moment. Where the role may not make databases an empty one is filled where it is.
 * @returns the name of the one that was put aside
 * @throws Error after which the target is as it was, but for an empty one of such a role
 */
export async function restoreServer(url: string, restoring: Restoring): Promise<string | null> {
  const name = decodeURIComponent(new URL(url).pathname.slice(1));
  await requireTool('pg_restore', restoring.manifest.postgresVersion);
  const found = await lookInto(url);
  if (found === 'full' && restoring.replace !== name)
    throw new BackupError(`The database ${name} is not empty. To put it aside: --replace ${name}`);
  return onMaintenance(url, async (admin) => {
    const fresh = nameBeside(name, 'restoring', restoring.manifest.id);
    try {
      await admin.query(`create database ${quoted(fresh)} template template0`);
    } catch (error) {
      if ((error as { code?: unknown }).code !== INSUFFICIENT_PRIVILEGE || found !== 'empty') throw error;
      await fill(url, restoring);
      return null;
    }
    let before: string | null;
    try {
      await fill(withDatabase(url, fresh), restoring);
      before = await swap(admin, { name, fresh, aside: found !== 'missing' });
    } catch (error) {
      await admin.query(`drop database if exists ${quoted(fresh)} with (force)`);
      throw error;
    }
    if (found === 'full' || before === null) return before;
    await admin.query(`drop database ${quoted(before)} with (force)`);
    return null;
  });
}

/** The same for the embedded database; its folder is held meanwhile. @throws Error when a process has it open */
export async function restoreEmbedded(folder: string, restoring: Restoring): Promise<string | null> {
  const release = await holdFolder(folder);
  try {
    const isEmpty = (await readdir(folder)).length === 0;
    if (!isEmpty && restoring.replace !== 'postgres')
      throw new BackupError(`${folder} is not empty. To put it aside: --replace postgres`);
    const fresh = `${folder}-restoring`;
    await rm(fresh, { recursive: true, force: true });
    await mkdir(fresh);
    try {
      await load(fresh, restoring);
    } catch (error) {
      await rm(fresh, { recursive: true, force: true });
      throw error;
    }
    const aside = isEmpty ? null : `${folder}-before-${stamp()}`;
    await (aside ? rename(folder, aside) : rmdir(folder));
    await rename(fresh, folder);
    return aside;
  } finally {
    release();
  }
}

async function load(folder: string, { manifest, bytes, settle }: Restoring): Promise<void> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const part of bytes) parts.push(Uint8Array.from(part));
  const lite = await PGlite.create({
    dataDir: folder,
    loadDataDir: new Blob(parts),
    extensions: { postgis: smallPostgis },
  });
  const db = Database.embedded(lite);
  try {
    compareCounts(manifest.tables, await countRows((sql) => db.pool.query(sql)));
    await settle(db);
  } finally {
    await db.close();
  }
}

async function fill(url: string, { manifest, bytes, settle }: Restoring): Promise<void> {
  await pgRestore(url, bytes);
  const client = await connected(url);
  try {
    await client.query('set statement_timeout = 0');
    compareCounts(manifest.tables, await countRows((sql) => client.query(sql)));
    await client.query('analyze');
  } finally {
    await client.end();
  }
  const db = Database.server(url, 2, () => {});
  try {
    await settle(db);
  } finally {
    await db.close();
  }
}

async function lookInto(url: string): Promise<'missing' | 'empty' | 'full'> {
  let client: pg.Client;
  try {
    client = await connected(url);
  } catch (error) {
    if ((error as { code?: unknown }).code === NO_SUCH_DATABASE) return 'missing';
    throw error;
  }
  try {
    return (await tablesOf((sql) => client.query(sql))).length > 0 ? 'full' : 'empty';
  } finally {
    await client.end();
  }
}

/** Nobody is let in from before the old one loses its name until the new one has it. */
async function swap(
  admin: pg.Client,
  { name, fresh, aside }: { name: string; fresh: string; aside: boolean },
): Promise<string | null> {
  if (!aside) {
    await admin.query(`alter database ${quoted(fresh)} rename to ${quoted(name)}`);
    return null;
  }
  const before = nameBeside(name, 'before', stamp());
  await admin.query(`alter database ${quoted(name)} allow_connections false`);
  try {
    await admin.query('select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1', [
      name,
    ]);
    await admin.query('begin');
    await admin.query(`alter database ${quoted(name)} rename to ${quoted(before)}`);
    await admin.query(`alter database ${quoted(fresh)} rename to ${quoted(name)}`);
    await admin.query('commit');
  } catch (error) {
    await admin.query('rollback');
    await admin.query(`alter database ${quoted(name)} allow_connections true`);
    throw error;
  }
  await admin.query(`alter database ${quoted(before)} allow_connections true`);
  return before;
}

/** From a database that keeps its name. */
async function onMaintenance<T>(url: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const beside = new URL(url).pathname === '/postgres' ? 'template1' : 'postgres';
  const admin = await connected(withDatabase(url, beside));
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {}); // the next query says so
  await client.connect();
  return client;
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${encodeURIComponent(name)}`;
  return changed.toString();
}

const stamp = (): string => new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14);
const quoted = (name: string): string => pg.escapeIdentifier(name);

function nameBeside(name: string, what: string, when: string): string {
  const suffix = `_${what}_${when.toLowerCase()}`;
  return name.slice(0, MAX_NAME_LENGTH - suffix.length) + suffix;
}
