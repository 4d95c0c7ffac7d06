import { mkdir } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import { postgis } from '@electric-sql/pglite-postgis';

/**
 * PostgreSQL + PostGIS inside the process: the default for trying the app and for tests.
 * It has one connection, so everybody waits while a transaction is open.
 * @param dataDir a folder, or undefined for memory
 * @param dump a data directory dumped before (tests start from one instead of migrating)
 */
export async function openEmbedded(dataDir?: string, dump?: Blob): Promise<PGlite> {
  if (dataDir) await mkdir(dataDir, { recursive: true });
  return PGlite.create({ dataDir, loadDataDir: dump, extensions: { postgis } });
}
