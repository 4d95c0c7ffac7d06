/** Servers under measurement: each in a process of its own, watched through /proc (see proc(5)). */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Database, statement } from '../src/platform/database/database.js';

/** As `npm start` and the image have it. */
const SERVICE_FLAGS = [
  '--no-warnings',
  '--no-allocation-site-pretenuring',
  '--max-semi-space-size=64',
  '--max-old-space-size=1024',
];
const START_MS = 60_000;
const LOOK_EVERY_MS = 10;
/** At rest: less than this share of so long is needed. */
const [REST_MS, BUSY_SHARE] = [250, 0.08];
/** Clock ticks of /proc. */
const MS_PER_TICK = 10;

const whichBackend = statement<{ pid: number }>('bench_backend', `select pg_backend_pid()::int as pid`);

/** Compiled, like the bench itself. */
export const PROGRAMS = {
  service: new URL('../src/main.js', import.meta.url),
  reference: new URL('./reference/server.js', import.meta.url),
  plainSockets: new URL('./reference/sockets.js', import.meta.url),
};

export interface Server {
  pid: number;
  url: string;
  /** From the spawning of the process to its line that says where it listens. */
  openedAfterMs: number;
  stop(): Promise<void>;
}

/**
 * Starts a program that prints its address when it listens. Its log goes to a file by itself: whoever makes the load has no
 * part in it. A CPU profile of it is left in PROFILE_DIR, if that is set.
 */
export async function startServer(program: URL, env: Record<string, string | undefined>): Promise<Server> {
  const { PATH, HOME, PROFILE_DIR } = process.env;
  const script = fileURLToPath(program);
  const folder = await mkdtemp(join(tmpdir(), 'withbowwow-server-'));
  const logFile = join(folder, 'server.log');
  const log = await open(logFile, 'w');
  const profile = PROFILE_DIR
    ? ['--cpu-prof', `--cpu-prof-dir=${PROFILE_DIR}`, `--cpu-prof-name=${basename(script)}.cpuprofile`]
    : [];
  const startedMs = performance.now();
  const child = spawn(process.execPath, [...SERVICE_FLAGS, ...profile, script], {
    env: { PATH, HOME, NODE_ENV: 'test', PORT: '0', DATA_DIR: folder, ...env },
    stdio: ['ignore', log.fd, 'inherit'],
  });
  await log.close();
  return {
    pid: child.pid!,
    url: await urlIn(logFile, child),
    openedAfterMs: performance.now() - startedMs,
    stop: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      await rm(folder, { recursive: true, force: true });
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

interface Stat {
  parent: number;
  ownMs: number;
  /** Of children that have ended. */
  endedMs: number;
}

/** Null for a process that is gone. */
async function statOf(pid: number | string): Promise<Stat | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (text === null) return null;
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const ms = (at: number) => (fields[at]! + fields[at + 1]!) * MS_PER_TICK;
  return { parent: fields[1]!, ownMs: ms(11), endedMs: ms(13) };
}

/** CPU of a process so far. */
export async function cpuMsOf(pid: number): Promise<number> {
  return (await statOf(pid))?.ownMs ?? 0;
}

/** Until those whose CPU is asked for have done what clients left behind. */
export async function comeToRest(cpuMs: () => Promise<number>): Promise<void> {
  for (let doneMs = await cpuMs(), isBusy = true; isBusy;) {
    await pause(REST_MS);
    const nowMs = await cpuMs();
    isBusy = nowMs - doneMs > BUSY_SHARE * REST_MS;
    doneMs = nowMs;
  }
}

/** Memory of a process: now, and its peak since `forgetPeak`. */
export async function memoryMbOf(pid: number): Promise<{ rss: number; peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const mb = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)![1]) / 1_024;
  return { rss: mb('VmRSS'), peak: mb('VmHWM') };
}

export const forgetPeak = (pid: number): Promise<void> => writeFile(`/proc/${pid}/clear_refs`, '5');

/** The process above all of the database server's others, which is on this machine. */
export async function postmasterOf(db: Database): Promise<number> {
  const [backend] = await db.rows(whichBackend, []);
  const stat = await statOf(backend!.pid);
  if (!stat) throw new Error('PostgreSQL is not on this machine: its CPU cannot be read');
  return stat.parent;
}

/** CPU of the whole database server so far, whichever database it was for. */
export async function treeCpuMsOf(postmaster: number): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const own = (await statOf(postmaster))!;
  const children = (await Promise.all(pids.map(statOf))).filter((stat) => stat?.parent === postmaster);
  return own.ownMs + own.endedMs + children.reduce((sum, stat) => sum + stat!.ownMs, 0);
}
