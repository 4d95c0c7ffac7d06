import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Database } from '../src/platform/database/database.js';
import { migrate } from '../src/platform/database/migrations.js';
import { databaseUrl, onAdminConnection } from '../test/support/lane.js';
import type { Questions } from './server.js';

type Answer<Q extends keyof Questions> = Awaited<ReturnType<Questions[Q]>>;

export interface MeasuredProcess {
  ask<Q extends keyof Questions>(question: Q, ...input: Parameters<Questions[Q]>): Promise<Answer<Q>>;
  close(): Promise<void>;
}

/** The service in a child process, on a database of its own: a new folder, or a new database on the server of DATABASE_URL. */
export async function startMeasuredProcess(env: Record<string, string>): Promise<MeasuredProcess> {
  const serverUrl = process.env.DATABASE_URL;
  const folder = await mkdtemp(join(tmpdir(), 'withbowwow-bench-'));
  const name = `withbowwow_bench_${randomUUID().replaceAll('-', '')}`;
  if (serverUrl) await createMigrated(serverUrl, name);

  const child = fork(fileURLToPath(new URL('./server.js', import.meta.url)), {
    execArgv: ['--no-warnings', '--expose-gc'],
    env: {
      ...process.env,
      ...env,
      ...{ NODE_ENV: 'test', LOG_LEVEL: 'warn', DATA_DIR: folder, RATE_LIMIT_FACTOR: '1e6' },
      ...(serverUrl && { DATABASE_URL: databaseUrl(serverUrl, name) }),
    },
  });
  const exited = once(child, 'exit');
  const nextAnswer = async () => {
    const [message] = (await Promise.race([
      once(child, 'message'),
      exited.then(() => Promise.reject(new Error('The measured process ended'))),
    ])) as [{ answer?: unknown; fault?: string }];
    if (message.fault) throw new Error(message.fault);
    return message.answer;
  };
  await nextAnswer();
  return {
    ask: async (question, ...[input]) => {
      child.send({ question, input });
      return (await nextAnswer()) as never;
    },
    close: async () => {
      child.disconnect();
      child.kill();
      await exited;
      if (serverUrl) await onAdminConnection(serverUrl, `drop database if exists ${name} with (force)`);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function createMigrated(serverUrl: string, name: string): Promise<void> {
  await onAdminConnection(serverUrl, `create database ${name}`);
  const db = Database.server(databaseUrl(serverUrl, name), 2, () => {});
  await migrate(db);
  await db.close();
}
