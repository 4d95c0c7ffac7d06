import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';

type Take = (error: Error | undefined, client?: pg.PoolClient, release?: pg.PoolClient['release']) => void;

/** What belongs together: the routes under one first part of the address, all jobs. */
interface Work {
  /** Null: the process itself (starting, scripts, asking for jobs), which takes what is free. */
  family: string | null;
  /** What a request waited already; null where each wait is by itself. */
  waitedMs: number | null;
}

const work = new AsyncLocalStorage<Work>();

/** Whatever the function asks of the database, now and later, counts for this family. */
export const asFamily = <T>(family: string, run: () => T): T => work.run({ family, waitedMs: null }, run);

/** The same for a request, which waits for all its connections together as long as others for one. */
export const asRequest = <T>(family: string, run: () => T): T => work.run({ family, waitedMs: 0 }, run);

interface Waiting {
  /** Who came first, of all families. */
  turn: number;
  sinceMs: number;
  /** What its request had waited by then. */
  beforeMs: number;
  of: Work;
  /** @param tooLate as by the pool itself, when no turn came in time */
  go(tooLate?: Error): void;
}

/** Who holds a connection for longer is stuck, behind a lock (2.5 s at most) or in a slow statement. */
const STUCK_AFTER_MS = 2_000;
/** However busy it is. */
const LONGEST_WAIT_MS = 15_000;
const LOOK_AGAIN_MS = 250;

/**
 * A pool in which no family holds more connections than it leaves for others (5 of 10 when it is alone), so that a
 * locked table holds up whoever needs it and nobody else. Nobody waits for more than 3 s behind what is stuck; behind
 * what is only busy, a turn that comes late is worth more than none.
 */
export class FairPool extends pg.Pool {
  private free: number;
  private readonly held = new Map<string | null, number>();
  /** Since when, by whom. */
  private readonly lent = new Set<{ family: string | null; sinceMs: number }>();
  private readonly lastStuckMs = new Map<string | null, number>();
  private readonly waiting = new Map<string | null, Waiting[]>();
  private turns = 0;
  private watch?: NodeJS.Timeout;
  private readonly mostWaitingMs: number;

  constructor(options: pg.PoolConfig & { max: number; connectionTimeoutMillis: number }) {
    super(options);
    this.free = options.max;
    this.mostWaitingMs = options.connectionTimeoutMillis;
  }

  /** Callers without a connection: they wait here, and the pool's own `waitingCount` knows nothing of them. */
  get queuedCount(): number {
    return [...this.waiting.values()].reduce((sum, { length }) => sum + length, 0);
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(take: Take): void;
  override connect(take?: Take): Promise<pg.PoolClient> | void {
    if (!take)
      return new Promise((resolve, reject) => {
        this.connect((error, client) => (client ? resolve(client) : reject(error!)));
      });
    const mine = work.getStore() ?? { family: null, waitedMs: null };
    this.takeTurn(mine, (tooLate) => {
      if (tooLate) return take(tooLate);
      super.connect((error, client) => {
        if (!client) {
          this.giveBack(mine.family);
          return take(error);
        }
        this.lend(client, mine.family);
        take(undefined, client, (fault) => client.release(fault));
      });
    });
  }

  private lend(client: pg.PoolClient, family: string | null): void {
    const loan = { family, sinceMs: performance.now() };
    this.lent.add(loan);
    const release = client.release.bind(client);
    client.release = (fault) => {
      client.release = release;
      this.lent.delete(loan);
      if (performance.now() - loan.sinceMs > STUCK_AFTER_MS) this.lastStuckMs.set(family, performance.now());
      release(fault); // first: whoever is next finds it free
      this.giveBack(family);
    };
  }

  private takeTurn(mine: Work, go: Waiting['go']): void {
    if (this.mayHold(mine.family)) {
      this.hold(mine.family);
      return go();
    }
    const sinceMs = performance.now();
    const one = { turn: this.turns++, sinceMs, beforeMs: mine.waitedMs ?? 0, of: mine, go };
    const others = this.waiting.get(mine.family);
    if (others) others.push(one);
    else this.waiting.set(mine.family, [one]);
    this.watch ??= setInterval(() => this.sendAway(), LOOK_AGAIN_MS);
  }

  /** Who has waited for too long. One timer for all, as hundreds may wait for milliseconds. */
  private sendAway(): void {
    const nowMs = performance.now();
    for (const [family, all] of this.waiting) {
      const isStuck = this.isStuck(family);
      const isTooLate = ({ beforeMs, sinceMs }: Waiting) => {
        const waitedMs = beforeMs + nowMs - sinceMs;
        return waitedMs >= LONGEST_WAIT_MS || (isStuck && waitedMs >= this.mostWaitingMs);
      };
      this.waiting.set(
        family,
        all.filter((one) => !isTooLate(one)),
      );
      for (const one of all.filter(isTooLate)) end(one, new Error('timeout exceeded when trying to connect'));
    }
    if (this.queuedCount > 0) return;
    clearInterval(this.watch);
    this.watch = undefined;
  }

  private giveBack(family: string | null): void {
    this.free++;
    const left = this.held.get(family)! - 1;
    if (left > 0) this.held.set(family, left);
    else this.held.delete(family);
    for (;;) {
      const next = this.nextFamily();
      if (next === undefined) return;
      this.hold(next);
      end(this.waiting.get(next)!.shift()!);
    }
  }

  /** Whose first has waited longest, of those that may hold one more. */
  private nextFamily(): string | null | undefined {
    let next: string | null | undefined;
    let earliest = Infinity;
    for (const [family, [first]] of this.waiting) {
      if (first && first.turn < earliest && this.mayHold(family)) [next, earliest] = [family, first.turn];
    }
    return next;
  }

  /** Now, or since the last to wait for so long began to. */
  private isStuck(family: string | null): boolean {
    const nowMs = performance.now();
    if (nowMs - (this.lastStuckMs.get(family) ?? -Infinity) < this.mostWaitingMs) return true;
    return [...this.lent].some((loan) => loan.family === family && nowMs - loan.sinceMs > STUCK_AFTER_MS);
  }

  private mayHold(family: string | null): boolean {
    return (family === null ? 0 : (this.held.get(family) ?? 0)) < this.free;
  }

  private hold(family: string | null): void {
    this.free--;
    this.held.set(family, (this.held.get(family) ?? 0) + 1);
  }
}

/** Of a wait, with a turn or without one: it counts for its request. */
function end(one: Waiting, tooLate?: Error): void {
  if (one.of.waitedMs !== null) one.of.waitedMs += performance.now() - one.sinceMs;
  one.go(tooLate);
}
