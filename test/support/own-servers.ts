/** A PostgreSQL and a Redis of a suite's own, to be stopped and started at will; those of the lane belong to everybody. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { Database } from '../../src/platform/database/database.js';
import { migrate } from '../../src/platform/database/migrations.js';
import { onAdminConnection } from './lane.js';

const DEBIAN = '/usr/lib/postgresql';
const LOWEST_PORT = 15_001;
const PORTS = 15_000;
const POLL_MS = 50;

/** PostgreSQL refuses to run as root. */
async function owner(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid!() !== 0) return {};
  const ask = async (flag: string) =>
    Number((await promisify(execFile)('id', [flag, 'postgres'])).stdout.trim());
  return { uid: await ask('-u'), gid: await ask('-g') };
}

/** Debian keeps the server's programs out of the PATH. */
async function programs(): Promise<string> {
  const versions = await readdir(DEBIAN).catch(() => []);
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  return newest ? join(DEBIAN, newest, 'bin/') : '';
}

async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST_PORT + Math.floor(Math.random() * PORTS);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    server.close();
    if (isFree) return port;
  }
}

/** Waits until `answers` does not throw. */
async function answering(answers: () => Promise<unknown>, child: ChildProcess): Promise<void> {
  for (;;) {
    try {
      await answers();
      return;
    } catch (error) {
      if (child.exitCode !== null) throw error;
      await passed(POLL_MS);
    }
  }
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

/** As PostgreSQL comes: each commit is on the disk before it is acknowledged. */
export class OwnPostgres {
  private constructor(
    readonly url: string,
    private readonly folder: string,
    private readonly run: () => ChildProcess,
    private child: ChildProcess,
  ) {}

  /** With a migrated database in it. */
  static async start(): Promise<OwnPostgres> {
    const [as, bin, port] = await Promise.all([owner(), programs(), freePort()]);
    const folder = await mkdtemp(join(tmpdir(), 'withbowwow-postgres-'));
    if (as.uid !== undefined) await chown(folder, as.uid, as.gid!);
    const data = join(folder, 'data');
    const make = ['-D', data, '-U', 'postgres', '--auth=trust', '-E', 'UTF8', '--locale=C.UTF-8', '-N'];
    await promisify(execFile)(`${bin}initdb`, make, { ...as, cwd: folder });
    const run = () =>
      spawn(
        `${bin}postgres`,
        ['-D', data, '-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1'],
        { ...as, cwd: folder, stdio: 'ignore' },
      );
    const admin = `postgres://postgres@127.0.0.1:${port}/postgres`;
    const url = `postgres://postgres@127.0.0.1:${port}/withbowwow`;
    const own = new OwnPostgres(url, folder, run, run());
    await answering(() => onAdminConnection(admin, 'create database withbowwow'), own.child);
    const db = Database.server(url, 2, () => {});
    await migrate(db);
    await db.close();
    return own;
  }

  /** `fast` ends sessions in order, `immediate` leaves the next start to recover. */
  async restart(mode: 'fast' | 'immediate'): Promise<void> {
    await ended(this.child, mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    this.child = this.run();
    await answering(() => onAdminConnection(this.url, 'select 1'), this.child);
  }

  async remove(): Promise<void> {
    await ended(this.child, 'SIGQUIT');
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** It keeps nothing: what is in it is gone when it stops. */
export class OwnRedis {
  private child: ChildProcess | null = null;

  private constructor(
    readonly port: number,
    private readonly folder: string,
  ) {}

  static async start(): Promise<OwnRedis> {
    const own = new OwnRedis(await freePort(), await mkdtemp(join(tmpdir(), 'withbowwow-redis-')));
    await own.on();
    return own;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async on(): Promise<void> {
    const options = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder, '--save', ''];
    const child = spawn('redis-server', options, { stdio: 'ignore' });
    this.child = child;
    const client = new Redis(this.url, { retryStrategy: () => POLL_MS, maxRetriesPerRequest: null });
    client.on('error', () => {}); // until it is there
    await answering(() => client.ping(), child);
    client.disconnect();
  }

  async off(): Promise<void> {
    if (this.child) await ended(this.child, 'SIGKILL');
    this.child = null;
  }

  async remove(): Promise<void> {
    await this.off();
    await rm(this.folder, { recursive: true, force: true });
  }
}
