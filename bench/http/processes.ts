import { readdir, readFile, writeFile } from 'node:fs/promises';
import { type Database, statement } from '../../src/platform/database/database.js';

const MS_PER_TICK = 10;

const whichBackend = statement<{ pid: number }>('bench_backend', `select pg_backend_pid()::int as pid`);

interface Stat {
  parent: number;
  ownMs: number;
  /** Of children that have ended. */
  endedMs: number;
}

/** Null for a process that is gone. See proc(5). */
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

/** The process above all of the server's others, which is on this machine. */
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

/** From here its peak counts. */
export const forgetPeak = (pid: number): Promise<void> => writeFile(`/proc/${pid}/clear_refs`, '5');

export async function peakMbOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)![1]) / 1_024;
}
