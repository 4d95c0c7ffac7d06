import { pipeline } from 'node:stream';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import type { Database } from '../database/database.js';
import { pgDump, pgRestoreList, requireTool } from './postgres-tools.js';
import { type Ask, countRows, versionsOf } from './tables.js';
import { listArchive } from './tar.js';

/** Any number, the same in every process: one backs up, the others wait. */
const BACKUP_LOCK_ID = 7_310_002;

/** A database at one instant. */
export interface Dump {
  kind: 'server' | 'embedded';
  takenAt: Date;
  postgresVersion: number;
  schemaVersion: string;
  tables: Record<string, number>;
  /** To be read once. */
  bytes: AsyncIterable<Uint8Array>;
}

/** Where a dump comes from. `work` has it for itself: another one waits until it is done. */
export type DumpSource = <T>(work: (open: () => Promise<Dump>) => Promise<T>) => Promise<T>;

/** Rows are counted and dumped under one exported snapshot, while others go on writing. */
export const serverDump =
  (url: string): DumpSource =>
  async (work) => {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {}); // the next query says so
    await client.connect();
    const ask: Ask = (sql) => client.query(sql);
    try {
      await ask(
        'set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0',
      );
      await client.query('select pg_advisory_lock($1)', [BACKUP_LOCK_ID]);
      return await work(async () => {
        const { postgresVersion, schemaVersion } = await versionsOf(ask);
        await requireTool('pg_dump', postgresVersion);
        await ask('begin isolation level repeatable read read only');
        const { rows } = await ask('select pg_export_snapshot() as snapshot, now() as "takenAt"');
        const [{ snapshot, takenAt }] = rows as [{ snapshot: string; takenAt: Date }];
        const tables = await countRows(ask);
        const bytes = pgDump(url, snapshot);
        return { kind: 'server', takenAt, postgresVersion, schemaVersion, tables, bytes };
      });
    } finally {
      await client.end();
    }
  };

let embeddedTurn: Promise<unknown> = Promise.resolve();

/** PGlite's own dump, in memory; nobody writes while this has the one connection. */
export const embeddedDump =
  ({ pool, lite }: Database): DumpSource =>
  (work) => {
    const open = async (): Promise<Dump> => {
      const client = await pool.connect();
      try {
        const ask: Ask = (sql) => client.query(sql);
        await ask('checkpoint');
        const [versions, tables, takenAt] = [await versionsOf(ask), await countRows(ask), new Date()];
        const file = await lite!.dumpDataDir('none');
        const bytes = packed(file.stream() as AsyncIterable<Uint8Array>);
        return { kind: 'embedded', ...versions, tables, takenAt, bytes };
      } finally {
        client.release();
      }
    };
    const turn = embeddedTurn.then(() => work(open));
    embeddedTurn = turn.catch(() => {}); // its caller hears of it
    return turn;
  };

/** While it is written, when others may go on. Level 1 takes half as long as the usual 6, for a fifth more bytes. */
function packed(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return pipeline(bytes, createGzip({ level: 1 }), () => {}); // its reader hears of an error
}

/** Reads the table of contents. @throws Error when something that was counted is not in it */
export async function listDump(
  { kind, tables }: Pick<Dump, 'kind' | 'tables'>,
  bytes: AsyncIterable<Uint8Array>,
): Promise<void> {
  const expected = kind === 'server' ? Object.keys(tables) : ['PG_VERSION', 'global/pg_control'];
  const listed = kind === 'server' ? await pgRestoreList(bytes) : await listArchive(bytes);
  const missing = expected.filter((name) => !listed.has(name));
  if (missing.length > 0) throw new Error(`The dump does not list ${missing.join(', ')}`);
}
