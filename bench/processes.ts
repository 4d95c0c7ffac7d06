/** Servers under measurement: each in a process of its own, watched through /proc. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Clock ticks of /proc a second. */
const TICKS_PER_S = 100;

/** As `npm start` and the image have it. */
export const SERVICE_FLAGS = ['--no-warnings', '--max-semi-space-size=8'];

export interface Server {
  pid: number;
  url: string;
  /** From the spawning of the process to its line that says where it listens. */
  openedAfterMs: number;
  stop(): Promise<void>;
}

/** Starts a script that prints its address when it listens. A profile of it is left in PROFILE_DIR, if that is set. */
export async function startServer(script: string, env: Record<string, string | undefined>): Promise<Server> {
  const { PATH, HOME, PROFILE_DIR } = process.env;
  const folder = await mkdtemp(join(tmpdir(), 'withbowwow-server-'));
  const log = await open(join(folder, 'server.log'), 'w');
  const startedMs = performance.now();
  const child = spawn(
    process.execPath,
    [...SERVICE_FLAGS, ...(PROFILE_DIR ? ['--cpu-prof', `--cpu-prof-dir=${PROFILE_DIR}`] : []), script],
    {
      env: { PATH, HOME, NODE_ENV: 'test', PORT: '0', DATA_DIR: folder, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const exited = once(child, 'exit');
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      void log.write(`${line}\n`);
      const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
      if (address) resolve(address);
    });
    child.once('exit', () => reject(new Error(`${script} ended`)));
  });
  return {
    pid: child.pid!,
    url,
    openedAfterMs: performance.now() - startedMs,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      await log.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function used(pid: number): Promise<{ cpuMs: number; rssMb: number; peakMb: number }> {
  const stat = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ');
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return {
    cpuMs: ((Number(stat[11]) + Number(stat[12])) / TICKS_PER_S) * 1_000,
    rssMb: Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1_024,
    peakMb: Number(/VmHWM:\s+(\d+)/.exec(status)![1]) / 1_024,
  };
}
