import { readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import { postgis } from '@electric-sql/pglite-postgis';

/**
 * PostgreSQL + PostGIS inside the process: the default for trying the app and for tests.
 * It has one connection, so everybody waits while a transaction is open.
 * @param dataDir a folder, or undefined for memory
 * @throws Error when another process has the folder open: two would destroy it
 */
export async function openEmbedded(dataDir?: string): Promise<PGlite> {
  if (dataDir) await takeFolder(dataDir);
  return PGlite.create({ dataDir, extensions: { postgis } });
}

/** A file beside the folder names the process that has it; one left by a killed process does not count. */
async function takeFolder(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  const lock = `${dataDir}.pid`;
  for (;;) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = Number(readFileSync(lock, 'utf8'));
    if (holder !== process.pid && isAlive(holder)) throw new Error(`${dataDir} is in use by process ${holder}.`);
    await rm(lock, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
