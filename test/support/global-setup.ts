import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import {
  databaseUrl,
  onAdminConnection,
  SERVER_URL,
  sweepMemory,
  templateDatabase,
  templateFolder,
} from './lane.js';

const run = promisify(execFile);
const makeTemplate = (target: string, env: Record<string, string> = {}) =>
  run(process.execPath, ['--no-warnings', 'dist/scripts/make-test-template.js', target], {
    env: { ...process.env, ...env },
  });

/** Makes the template of this lane, unless the last run left one for the same migrations. */
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
    await makeTemplate('--server', { DATABASE_URL: databaseUrl(SERVER_URL, name) });
    await onAdminConnection(SERVER_URL, `alter database ${name} is_template true`);
    return;
  }
  await sweepMemory();
  const folder = await templateFolder();
  if (existsSync(folder)) return;
  await rm(`${folder}.making`, { recursive: true, force: true });
  await makeTemplate(`${folder}.making`);
  await rename(`${folder}.making`, folder);
}
