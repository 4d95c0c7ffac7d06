import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { loadConfig } from '../../src/config/config.js';
import { openDatabase } from '../../src/platform/database/database.module.js';
import type { Database } from '../../src/platform/database/database.js';
import { copyFolder, NODE_FLAGS, PROCESS_ENV } from '../support/lane.js';
import { LeakWatch } from '../support/leaks.js';

const OPENED = /http:\/\/127\.0\.0\.1:\d+/;

/** The service as a process of its own, as `npm start` runs it: started and killed at will, always on the same data. */
export class Backend {
  url = '';
  starts = 0;
  private child: ChildProcess | null = null;
  private output = '';
  private readonly log = new LeakWatch();
  private opened: Promise<string> = Promise.reject(new Error('Not started'));

  constructor(
    private readonly env: Record<string, string>,
    private readonly entry = 'dist/src/main.js',
  ) {
    this.opened.catch(() => {});
  }

  /** Begins a start, to be killed in the middle of it. */
  begin(more: Record<string, string> = {}): void {
    const child = spawn(process.execPath, [...NODE_FLAGS, this.entry], {
      env: {
        ...{
          ...PROCESS_ENV,
          NODE_ENV: 'test',
          LOG_LEVEL: 'warn',
          ROLE: 'all',
          PORT: '0',
          RATE_LIMIT_FACTOR: '1e6',
        },
        ...this.env,
        ...more,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    this.starts++;
    const tell = (line: string) => {
      this.log.write(line);
      this.output = `${this.output}${line}\n`.slice(-5_000);
    };
    createInterface(child.stderr).on('line', tell);
    const lines = createInterface(child.stdout).on('line', tell);
    this.opened = new Promise((resolve, reject) => {
      lines.on('line', (line) => {
        const [url] = OPENED.exec(line) ?? [];
        if (url) resolve(url);
      });
      lines.once('close', () => reject(new Error(`The process ended before it opened:\n${this.output}`)));
    });
    this.opened.catch(() => {});
  }

  /** @returns how long it took until the first request could be served */
  async start(more: Record<string, string> = {}): Promise<number> {
    const startedMs = performance.now();
    this.begin(more);
    this.url = await this.opened;
    const ready = await fetch(`${this.url}/health/ready`);
    if (!ready.ok) throw new Error(`Opened, but not ready: ${await ready.text()}`);
    return performance.now() - startedMs;
  }

  /** SIGKILL: nothing in the process gets to say goodbye. @throws Error when a secret was logged by then */
  async kill(): Promise<void> {
    const child = this.child;
    this.child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    this.log.check();
  }

  /** It kills itself, at a failpoint. */
  async died(): Promise<void> {
    const child = this.child!;
    this.opened.catch(() => {});
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    this.child = null;
    if (child.signalCode !== 'SIGKILL') throw new Error(`It ended by itself:\n${this.output}`);
    this.log.check();
  }

  /** Of the running process: its CPU time and memory are read from /proc. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  get isKilled(): boolean {
    return this.child === null;
  }

  /** The last lines that it said. */
  get lastWords(): string {
    return this.output;
  }

  /** False as well when it ended by itself. */
  get isRunning(): boolean {
    return this.child !== null && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Resident memory of the running process. */
  async memoryMb(): Promise<number> {
    const status = await readFile(`/proc/${this.child!.pid}/status`, 'utf8');
    return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) / 1_024);
  }

  /** SIGTERM, as a host does it. @returns its exit code, or the signal that ended it */
  async end(): Promise<number | NodeJS.Signals> {
    const child = this.child!;
    const gone = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    child.kill('SIGTERM');
    const [code, signal] = await gone;
    if (this.child === child) this.child = null;
    this.log.check();
    return code ?? signal!;
  }

  /** Looks into the database of the killed process; the embedded one is copied first, so that the next start still has to recover. */
  async inspect<T>(look: (db: Database) => Promise<T>): Promise<T> {
    const { DATABASE_URL, DATA_DIR } = this.env;
    const folder = await mkdtemp(join(tmpdir(), 'withbowwow-inspect-'));
    if (!DATABASE_URL) await copyFolder(join(DATA_DIR!, 'postgres'), join(folder, 'postgres'));
    const db = await openDatabase(loadConfig({ DATABASE_URL, DATA_DIR: folder }));
    try {
      return await look(db);
    } finally {
      await db.close();
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** The process went away before it answered: it may have done its work or not. */
export class AnswerLost extends Error {}

/** Somebody's phone: knows its token, and finds the service wherever it was started again. */
export class Phone {
  constructor(
    private readonly backend: Backend,
    private readonly token?: string,
  ) {}

  /** @throws AnswerLost when the process was killed; any other failure is an Error of its own */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each caller knows what it asked for
  async ask(method: string, path: string, body?: unknown, onHead?: () => Promise<void>): Promise<any> {
    const { response, text } = await this.exchange(method, path, body, onHead).catch((error: unknown) => {
      if (this.backend.isKilled) throw new AnswerLost(`${method} ${path}`, { cause: error });
      throw error;
    });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 500)}`);
    return JSON.parse(text);
  }

  private async exchange(method: string, path: string, body: unknown, onHead?: () => Promise<void>) {
    const response = await fetch(this.backend.url + path, {
      method,
      headers: {
        ...(this.token && { authorization: `Bearer ${this.token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    await onHead?.();
    return { response, text: await response.text() };
  }
}
