/**
 * `npm run restore -- <id|latest> [--into DATABASE_URL] [--replace NAME]`: puts a backup into a database that is empty
 * or not there: DATABASE_URL or the embedded one, unless told. One that is not empty is put aside under another name,
 * when its own name is typed. Nothing is touched before every
 * checksum of its dump was compared; damaged photos are named at the end, and the others put back.
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { settleRestored } from '../src/after-restore.js';
import { ConfigError, loadConfig } from '../src/config/config.js';
import { PHOTOS } from '../src/modules/photos/index.js';
import { openBackups } from '../src/platform/backup/backup.module.js';
import { BackupError } from '../src/platform/backup/backups.js';
import { restoreEmbedded, restoreServer } from '../src/platform/backup/restore.js';

const USAGE = 'Usage: npm run restore -- <id|latest> [--into DATABASE_URL] [--replace NAME]';
const say = (text: string) => process.stdout.write(`${text}\n`);

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { into: { type: 'string' }, replace: { type: 'string' } },
  });
  const [asked] = positionals;
  if (!asked || positionals.length > 1) throw new BackupError(USAGE);
  const config = loadConfig({ ...process.env, ...(values.into && { DATABASE_URL: values.into }) });
  const backups = await openBackups(config, [PHOTOS]);
  const id = asked === 'latest' ? (await backups.list()).at(-1) : asked;
  if (!id) throw new BackupError('There is no backup.');
  const manifest = await backups.verifyDump(id);
  const { url } = config.database;
  if (manifest.kind !== (url ? 'server' : 'embedded'))
    throw new BackupError(`Backup ${id} is of the ${manifest.kind} database: set or unset DATABASE_URL.`);
  const takenAt = new Date(manifest.takenAt);
  const restoring = {
    ...{ manifest, bytes: backups.read(id, manifest), replace: values.replace ?? null },
    settle: (db: Parameters<typeof settleRestored>[0]) => settleRestored(db, { takenAt, now: new Date() }),
  };
  const aside = url
    ? await restoreServer(url, restoring)
    : await restoreEmbedded(resolve(join(config.dataDir, 'postgres')), restoring);
  const rows = Object.values(manifest.tables).reduce((sum, count) => sum + count, 0);
  say(`Restored ${id}: ${rows} rows in ${Object.keys(manifest.tables).length} tables, as the manifest says.`);
  if (aside) say(`What was there is ${aside} now. Delete it when it is not needed any more.`);
  say(`Files put back: ${await backups.restoreFiles(manifest)}`);
  say(`Schema ${manifest.schemaVersion}. Next: npm run db:migrate, then start the service.`);
} catch (error) {
  const isTold = error instanceof BackupError || error instanceof ConfigError;
  process.stderr.write(`${isTold ? error.message : (error as Error).stack}\n`);
  process.exitCode = 1;
}
