/**
 * `npm run backup`: backs up DATABASE_URL (beside a running service), or the embedded database while no process has it
 * open. `-- --list` shows what there is; `-- --verify <id|latest>` reads every byte of one.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '../src/config/config.js';
import { PHOTOS } from '../src/modules/photos/index.js';
import { dumpSourceOf, openBackups } from '../src/platform/backup/backup.module.js';
import { BackupError } from '../src/platform/backup/backups.js';
import { backupIdOf, type Manifest } from '../src/platform/backup/manifest.js';
import { Database } from '../src/platform/database/database.js';
import { openEmbedded } from '../src/platform/database/embedded.js';

const say = (text: string) => process.stdout.write(`${text}\n`);
const described = ({ id, kind, sizeBytes, tables, files, schemaVersion }: Manifest): string => {
  const rows = Object.values(tables).reduce((sum, count) => sum + count, 0);
  return `${id}  ${kind}  ${(sizeBytes / 1e6).toFixed(1)} MB  ${rows} rows  ${files.length} files  ${schemaVersion}`;
};

try {
  const { values } = parseArgs({ options: { list: { type: 'boolean' }, verify: { type: 'string' } } });
  const config = loadConfig(process.env);
  const backups = await openBackups(config, [PHOTOS]);
  if (values.list) for (const id of await backups.list()) say(id);
  else if (values.verify !== undefined) {
    const id = values.verify === 'latest' ? (await backups.list()).at(-1) : values.verify;
    if (!id) throw new BackupError('There is no backup.');
    say(`Whole: ${described(await backups.verify(id))}`);
  } else {
    const db = config.database.url
      ? null
      : Database.embedded(await openEmbedded(join(config.dataDir, 'postgres')));
    try {
      const source = dumpSourceOf(config, db);
      const taken = await backups.take(backupIdOf(new Date()), source);
      if (taken) say(`Taken: ${described(taken)}`);
      for (const id of await backups.prune(new Date(), source)) say(`Deleted, older than 30 days: ${id}`);
    } finally {
      await db?.close();
    }
  }
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
