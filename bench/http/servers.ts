import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SERVICE_FLAGS } from '../processes.js';
import { KEYS } from '../set.js';

const START_MS = 60_000;
const LOOK_EVERY_MS = 100;

export interface MeasuredServer {
  name: 'service' | 'reference';
  url: string;
  pid: number;
  stop(): Promise<void>;
}

/** As in production: limits, logs and jobs are on, only nobody is turned away, and another process works. */
const SERVICE_ENV = {
  ...{ NODE_ENV: 'production', PUBLIC_URL: 'https://bench.example', ROLE: 'web' },
  ...{ PORT: '0', RATE_LIMIT_FACTOR: '1e6' },
};

const PROGRAMS = {
  service: new URL('../../src/main.js', import.meta.url),
  reference: new URL('../reference/server.js', import.meta.url),
};

/** Its log goes to a file by itself: whoever makes the load has no part in it. PROFILE_DIR gets a CPU profile of each. */
export async function startServer(
  name: MeasuredServer['name'],
  { databaseUrl, redisUrl, folder }: { databaseUrl: string; redisUrl: string; folder: string },
): Promise<MeasuredServer> {
  const { PATH, HOME, PROFILE_DIR } = process.env;
  const logFile = join(folder, `${name}.log`);
  const log = await open(logFile, 'w');
  const profile = PROFILE_DIR
    ? ['--cpu-prof', `--cpu-prof-dir=${PROFILE_DIR}`, `--cpu-prof-name=${name}.cpuprofile`]
    : [];
  const child = spawn(process.execPath, [...SERVICE_FLAGS, ...profile, fileURLToPath(PROGRAMS[name])], {
    env: {
      ...{ PATH, HOME, ...KEYS, DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, DATA_DIR: folder },
      ...(name === 'service' && SERVICE_ENV),
    },
    stdio: ['ignore', log.fd, 'inherit'],
  });
  await log.close();
  return {
    name,
    url: await urlIn(logFile, child),
    pid: child.pid!,
    stop: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

async function urlIn(logFile: string, child: ChildProcess): Promise<string> {
  for (let waitedMs = 0; waitedMs < START_MS && child.exitCode === null; waitedMs += LOOK_EVERY_MS) {
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(await readFile(logFile, 'utf8')) ?? [];
    if (url) return url;
    await pause(LOOK_EVERY_MS);
  }
  throw new Error(`A measured server did not start:\n${(await readFile(logFile, 'utf8')).slice(-2_000)}`);
}
