import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  databaseUrl,
  NODE_FLAGS,
  onAdminConnection,
  PROCESS_ENV,
  SCRATCH,
  SERVER_URL,
  sweepMemory,
  templateArchive,
  templateDatabase,
  templateFolder,
} from './lane.js';

const run = promisify(execFile);
const makeTemplate = (env: Record<string, string>) =>
  run(process.execPath, [...NODE_FLAGS, 'dist/scripts/make-test-template.js'], {
    env: { ...PROCESS_ENV, ...env },
  });

/** Makes the template of this lane, unless the last run left it. */
export default async function globalSetup(): Promise<void> {
  if (SERVER_URL) {
    const name = await templateDatabase();
    const found = await onAdminConnection(
      SERVER_URL,
      `select 1 from pg_database where datname = '${name}' and datistemplate`,
    );
    if (found.rowCount) return;
    await onAdminConnection(SERVER_URL, `drop database if exists ${name} with (force)`);
    await onAdminConnection(SERVER_URL, `create database ${name}`);
    const folder = await mkdtemp(join(tmpdir(), SCRATCH));
    await makeTemplate({ DATABASE_URL: databaseUrl(SERVER_URL, name), DATA_DIR: folder });
    await rm(folder, { recursive: true });
    await onAdminConnection(SERVER_URL, `alter database ${name} is_template true`);
    return;
  }
  await sweepMemory();
  const [folder, archive] = await Promise.all([templateFolder(), templateArchive()]);
  if (!existsSync(folder)) {
    await rm(`${folder}.making`, { recursive: true, force: true });
    await makeTemplate({ DATA_DIR: `${folder}.making` });
    await rename(`${folder}.making`, folder);
  }
  if (!existsSync(archive)) {
    await run('tar', ['-cf', `${archive}.making`, '-C', join(folder, 'postgres'), '.']);
    await rename(`${archive}.making`, archive);
  }
}
