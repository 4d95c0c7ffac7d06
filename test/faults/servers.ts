import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LOOK_EVERY_MS = 10;
const POSTGRES_HOME = '/usr/lib/postgresql';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** A PostgreSQL of the test's own, to be restarted at will; durable, as in production. */
export class OwnPostgres {
  private constructor(
    private readonly folder: string,
    private readonly bin: string,
    private readonly port: number,
  ) {}

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`;
  }

  static async start(): Promise<OwnPostgres> {
    const newest = (await readdir(POSTGRES_HOME)).sort((a, b) => Number(a) - Number(b)).at(-1)!;
    const folder = await mkdtemp(join(tmpdir(), 'withbowwow-postgres-'));
    if (process.getuid?.() === 0) await run('chown', ['postgres', folder]);
    const one = new OwnPostgres(folder, join(POSTGRES_HOME, newest, 'bin'), await freePort());
    await one.tool('initdb', '--no-sync', '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--locale=C.UTF-8');
    await one.control('start');
    return one;
  }

  /** Returns when it takes connections again. */
  async restart(mode: 'fast' | 'immediate'): Promise<void> {
    await this.control('restart', '-m', mode);
  }

  async remove(): Promise<void> {
    await this.control('stop', '-m', 'immediate').catch(() => {}); // it is stopped already
    await rm(this.folder, { recursive: true, force: true });
  }

  private async control(what: string, ...more: string[]): Promise<void> {
    const options = `-p ${this.port} -k ${this.folder} -h 127.0.0.1`;
    await this.tool('pg_ctl', '-w', '-l', join(this.folder, 'log'), '-o', options, ...more, what);
  }

  /** The server refuses to be root's. */
  private async tool(name: string, ...args: string[]): Promise<void> {
    const command = [join(this.bin, name), '-D', join(this.folder, 'data'), ...args];
    const [first, ...rest] =
      process.getuid?.() === 0 ? ['runuser', '-u', 'postgres', '--', ...command] : command;
    await run(first!, rest, { cwd: this.folder });
  }
}

/** A Redis of the test's own, which keeps nothing when it stops. */
export class OwnRedis {
  private child: ChildProcess | null = null;

  private constructor(readonly port: number) {}

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  static async create(): Promise<OwnRedis> {
    const one = new OwnRedis(await freePort());
    await one.start();
    return one;
  }

  async start(): Promise<void> {
    const options = ['--port', String(this.port), '--save', '', '--appendonly', 'no', '--bind', '127.0.0.1'];
    this.child = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'ignore'] });
    for await (const line of this.child.stdout!) if (String(line).includes('Ready to accept')) break;
    this.child.stdout!.resume();
  }

  async stop(): Promise<void> {
    if (!this.child) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    this.child = null;
    await gone;
  }
}

/** Between a client and a server: passes bytes on at once or late, in their order, as a network does. */
export class Wire {
  /** Infinity: nothing comes through until it is changed. */
  delayMs = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async to(port: number): Promise<Wire> {
    const server = createServer();
    const wire = new Wire(server);
    server.on('connection', (here) => {
      const there = connect(port, '127.0.0.1');
      wire.join(here, there);
      wire.join(there, here);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return wire;
  }

  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  async close(): Promise<void> {
    this.delayMs = 0;
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, 'close');
  }

  private join(from: Socket, to: Socket): void {
    this.sockets.add(from);
    let passedOn = Promise.resolve();
    from.on('data', (bytes) => {
      const dueMs = performance.now() + this.delayMs;
      passedOn = passedOn.then(async () => {
        while (this.delayMs > 0 && performance.now() < dueMs) await passed(LOOK_EVERY_MS);
        to.write(bytes);
      });
    });
    from.on('error', () => {});
    from.on('close', () => {
      this.sockets.delete(from);
      to.destroy();
    });
  }
}
