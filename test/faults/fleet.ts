import { setTimeout as passed } from 'node:timers/promises';
import type { Backend } from './backend.js';

const POLL_MS = 50;
/** After a fault is over, errors count again. */
const GRACE_MS = 1_000;
const REQUEST_TIMEOUT_MS = 15_000;

interface FaultWindow {
  /** Null: all processes feel it. */
  backend: Backend | null;
  fromMs: number;
  toMs: number;
}

interface Attempt {
  backend: Backend;
  what: string;
  fromMs: number;
  toMs: number;
  error: string | null;
}

/** Some processes that are one service, and a balancer in front of them that knows which are ready. */
export class Fleet {
  readonly attempts: Attempt[] = [];
  /** From each kill until the process was ready again. */
  readonly restartsMs: number[] = [];
  private readonly windows: FaultWindow[] = [];
  private readonly ready = new Set<Backend>();
  private readonly restarting: Promise<void>[] = [];

  constructor(
    readonly backends: readonly Backend[],
    private readonly random: () => number,
  ) {}

  async start(): Promise<void> {
    await Promise.all(this.backends.map((backend) => this.bringUp(backend)));
  }

  get readyCount(): number {
    return this.ready.size;
  }

  async untilReady(count: number): Promise<void> {
    while (this.ready.size < count) await passed(POLL_MS);
  }

  /** SIGKILL for one that is ready; it is started again at once, which is not waited for. */
  async killOne(): Promise<void> {
    const backend = this.pick();
    const killedMs = performance.now();
    const window = this.open(backend);
    this.ready.delete(backend);
    await backend.kill();
    const restart = this.bringUp(backend).then(() => {
      this.restartsMs.push(performance.now() - killedMs);
      window.toMs = performance.now() + GRACE_MS;
    });
    restart.catch(() => {}); // `calm` says it
    this.restarting.push(restart);
  }

  /** A fault that all feel, until all that were up say that they are ready again. @returns how long that took, in ms */
  async outage(fault: () => Promise<void>): Promise<number> {
    const window = this.open(null);
    await fault();
    const overMs = performance.now();
    for (const backend of this.ready) {
      while (!(await isReady(backend))) {
        if (!backend.isRunning) throw new Error(`It ended by itself:\n${backend.lastWords}`);
        await passed(POLL_MS);
      }
    }
    window.toMs = performance.now() + GRACE_MS;
    return performance.now() - overMs;
  }

  /** All restarts are done. @throws what kept a process from starting, or a secret that it logged */
  async calm(): Promise<void> {
    await Promise.all(this.restarting);
  }

  /** None may end by itself, whatever was away. */
  get fallen(): number {
    return this.backends.filter((backend) => this.ready.has(backend) && !backend.isRunning).length;
  }

  /**
   * Asks until there is an answer that is not a fault of the service's; with an Idempotency-Key or an id in the path
   * it is the same request each time.
   */
  async ask(token: string, method: string, path: string, body?: unknown, key?: string): Promise<Answer> {
    for (;;) {
      await this.untilReady(1);
      const answer = await this.attempt(this.pick(), token, method, path, body, key);
      if (answer) return answer;
      await passed(POLL_MS);
    }
  }

  /** Errors that no fault explains. */
  get unexplained(): Attempt[] {
    return this.attempts.filter((attempt) => attempt.error !== null && !this.isExcused(attempt));
  }

  get attemptsInCalm(): number {
    return this.attempts.filter((attempt) => !this.isExcused(attempt)).length;
  }

  private async attempt(
    backend: Backend,
    token: string,
    method: string,
    path: string,
    body: unknown,
    key: string | undefined,
  ): Promise<Answer | null> {
    const attempt: Attempt = {
      backend,
      what: `${method} ${path}`,
      fromMs: performance.now(),
      toMs: Infinity,
      error: null,
    };
    this.attempts.push(attempt);
    try {
      const response = await fetch(backend.url + path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(key !== undefined && { 'idempotency-key': key }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
      const text = await response.text();
      if (response.status < 500) {
        const answer: Answer = { status: response.status, body: text ? JSON.parse(text) : null };
        // Our own first try, that lost its answer.
        return answer.body?.code === 'request-in-flight' ? null : answer;
      }
      attempt.error = `${response.status} ${text.slice(0, 200)}`;
    } catch (error) {
      attempt.error = String((error as Error).cause ?? error);
    } finally {
      attempt.toMs = performance.now();
    }
    return null;
  }

  private isExcused({ backend, fromMs, toMs }: Attempt): boolean {
    return this.windows.some(
      (window) =>
        (window.backend === null || window.backend === backend) &&
        window.fromMs <= toMs &&
        fromMs <= window.toMs,
    );
  }

  private pick(): Backend {
    return [...this.ready][Math.floor(this.random() * this.ready.size)]!;
  }

  private open(backend: Backend | null): FaultWindow {
    const window = { backend, fromMs: performance.now(), toMs: Infinity };
    this.windows.push(window);
    return window;
  }

  /** What it stands on may be away for the moment. */
  private async bringUp(backend: Backend): Promise<void> {
    for (;;) {
      try {
        await backend.start();
        break;
      } catch {
        await backend.kill();
        await passed(POLL_MS);
      }
    }
    this.ready.add(backend);
  }
}

export interface Answer {
  status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each caller knows what it asked for
  body: any;
}

async function isReady(backend: Backend): Promise<boolean> {
  return fetch(`${backend.url}/health/ready`, { signal: AbortSignal.timeout(2_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}
