import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { type Db, type Job, PgBoss } from 'pg-boss';
import { NIL } from 'uuid';
import { CONFIG, type Config } from '../../config/config.js';
import { type Connection, Database, statement, type Transaction } from '../database/database.js';
import { sha256 } from '../crypto/secrets.js';
import { asFamily } from '../database/fair-pool.js';
import { logContext } from '../observability/context.js';
import { within } from '../within.js';
import {
  definedJobs,
  type FactKind,
  type HandlerNote,
  JOB_HANDLER,
  type JobKind,
  type JobOptions,
} from './job.js';
import type { Backlog, JobCounts } from './queue.sql.js';
import * as ask from './queue.sql.js';

const POLL_MS = 1_000;
const CONCURRENCY = 2;
/** From the moment on that no more jobs are taken. */
const STOP_TIMEOUT_MS = 18_000;
const DRAIN_ROUNDS = 100;
const RETRIES = { retryLimit: 12, retryDelay: 2, retryBackoff: true, retryDelayMax: 3_600 };
const EXPIRE_S = 120;

type Handler = (data: object) => Promise<void>;

/** `failed`: for good. */
export type RunOutcome = 'done' | 'retried' | 'failed';

/** One of pg-boss's own statements. */
const boss = (text: string) =>
  statement<object>(`queue_${Buffer.from(sha256(text)).toString('base64url')}`, text);

/** pg-boss's own statements on the caller's connection. */
const inside = (tx: Transaction): Db => ({
  executeSql: async (text, values = []) => ({
    rows: await tx.rows(boss(text), values),
  }),
});

/** Jobs over pg-boss: enqueued inside the caller's transaction, run by any process that works. */
@Injectable()
export class Queue implements OnApplicationBootstrap {
  private readonly log = new Logger(Queue.name);
  private readonly handlers = new Map<string, Handler>();
  private readonly boss: PgBoss;
  private readonly stopping = new AbortController();
  private readonly loops: Promise<void>[] = [];
  private readonly wakers = new Map<string, () => void>();
  private readonly inHand = new Set<Job<object>>();
  private starting?: Promise<void>;
  /** For whoever counts. */
  onRun: (job: string, outcome: RunOutcome, seconds: number) => void = () => {};
  private restedAtMs = Infinity;

  constructor(
    private readonly db: Database,
    private readonly discovery: DiscoveryService,
    private readonly reflector: Reflector,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    this.boss = new PgBoss({
      db: { executeSql: (text, values) => asFamily('queue', () => db.pool.query(text, values)) },
      schedule: false,
      reindex: !db.lite,
    });
    this.boss.on('error', (error: Error) => this.log.error({ err: error }, 'queue'));
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.start();
  }

  /** Once, however often it is asked for: the schedule may be bootstrapped first. @throws Error for a job without a handler */
  start(): Promise<void> {
    this.starting ??= this.startOnce();
    return this.starting;
  }

  private async startOnce(): Promise<void> {
    this.collectHandlers();
    const idle = [...definedJobs.keys()].filter((name) => !this.handlers.has(name));
    if (idle.length > 0) throw new Error(`Jobs without a handler: ${idle.join(', ')}`);
    await this.boss.start();
    await this.createQueues();
    if (this.config.role === 'web') return;
    for (const name of this.handlers.keys()) this.loops.push(this.work(name));
    this.loops.push(this.poll());
  }

  /** Those that are there already are only brought to what the program says today. */
  private async createQueues(): Promise<void> {
    const known = new Map((await this.boss.getQueues()).map((queue) => [queue.name, queue]));
    for (const name of this.handlers.keys()) {
      const { expireInS = EXPIRE_S, concurrency: _, ...options } = this.optionsOf(name);
      const wanted = { ...RETRIES, expireInSeconds: expireInS, ...options };
      const queue = known.get(name);
      if (queue && Object.entries(wanted).every(([key, value]) => queue[key as keyof typeof queue] === value))
        continue;
      await (queue ? this.boss.updateQueue(name, wanted) : this.boss.createQueue(name, wanted));
      // pg-boss reads a queue's settings at its first use, on its own connection: inside a transaction on the
      // embedded database that would wait for itself. So it is used once here.
      await this.boss.getJobById(name, NIL);
    }
  }

  /** The job commits with the caller's data, or not at all. A higher priority comes to its turn first. */
  async enqueue<Data extends object>(
    tx: Transaction,
    job: JobKind<Data>,
    data: Data,
    { runAt, priority = 0 }: { runAt?: Date; priority?: number } = {},
  ): Promise<void> {
    await this.boss.send(job.name, data, {
      ...carried(),
      db: inside(tx),
      startAfter: runAt,
      priority,
    });
  }

  /**
   * Due at once, and only once: a job of the same data that waits or runs is the one, and need not wait for its retry.
   * @returns the job's id
   */
  async enqueueNow<Data extends object>(
    tx: Transaction,
    { name }: JobKind<Data>,
    data: Data,
  ): Promise<{ jobId: string; isNew: boolean }> {
    await tx.rows(ask.lockKind, [name]);
    const [pending] = await tx.rows(ask.hasten, [name, JSON.stringify(data)]);
    if (pending) return { jobId: pending.id, isNew: false };
    const jobId = await this.boss.send(name, data, { ...carried(), db: inside(tx) });
    return { jobId: jobId!, isNew: true };
  }

  async countsOf(db: Connection, names: readonly string[]): Promise<Map<string, JobCounts>> {
    const rows = await db.rows(ask.counts, [JSON.stringify(names)]);
    return new Map(rows.map(({ name, ...of }) => [name, of]));
  }

  /** Many jobs of a kind in one statement. */
  async enqueueAll<Data extends object>(
    tx: Transaction,
    job: JobKind<Data>,
    all: readonly Data[],
  ): Promise<void> {
    await this.boss.insert(
      job.name,
      all.map((data) => ({ data, ...carried() })),
      { db: inside(tx) },
    );
  }

  /** Writes a fact: one job for each subscriber, in the caller's transaction. */
  async record<Data extends object>(tx: Transaction, fact: FactKind<Data>, data: Data): Promise<void> {
    const subscribers = [...this.handlers.keys()].filter((name) => name.startsWith(`${fact.name}.`));
    await tx.rows(ask.recordFact, [
      JSON.stringify(subscribers),
      JSON.stringify(data),
      logContext.getStore()?.requestId ?? null,
    ]);
  }

  /**
   * Those that name somebody who is gone, done or waiting: what they would do has nobody any more to be done to. It
   * looks through all jobs, part by part.
   */
  async forget(id: string): Promise<void> {
    for (const { name } of await this.db.rows(ask.jobNames, []))
      for (let after: string | null = NIL; after;)
        after = (await this.db.rows(ask.forgetPart, [name, after, id]))[0]!.last;
  }

  /** The same of many, by the name that their ids have in the data of jobs. */
  async forgetAll(tx: Transaction, name: string, ids: readonly string[]): Promise<void> {
    await tx.rows(ask.forgetOf, [name, JSON.stringify(ids)]);
  }

  /** Whether a job of a fact's subscriber, about these ids, has not been done yet. One that failed for good does not wait. */
  async isWaiting(db: Connection, subscriber: string, data: object): Promise<boolean> {
    const [row] = await db.rows(ask.waiting, [this.queuesOf(subscriber), JSON.stringify(data)]);
    return row!.isWaiting;
  }

  /** Those of `all` that no job of this kind waits or runs for: it is done, failed for good, or was never there. */
  async withoutJob<Data extends object>(
    db: Connection,
    job: JobKind<Data>,
    all: readonly Data[],
  ): Promise<Data[]> {
    const rows = await db.rows(ask.withoutJob, [job.name, JSON.stringify(all)]);
    return rows.map(({ data }) => data as Data);
  }

  /** When the oldest job of a fact's subscriber that has not been done yet was enqueued. */
  async oldestWaiting(db: Connection, subscriber: string): Promise<Date | null> {
    const [row] = await db.rows(ask.oldest, [this.queuesOf(subscriber)]);
    return row!.createdAt;
  }

  /** Of all processes, by job; those that nothing waits for are not in it. */
  async backlog(): Promise<Map<string, Backlog>> {
    const rows = await this.db.rows(ask.backlog, []);
    return new Map(rows.map(({ job, ...those }) => [job, those]));
  }

  /** Of all jobs. */
  get names(): string[] {
    return [...this.handlers.keys()];
  }

  /**
   * Runs all jobs that are due, and those that they enqueue, until none is left.
   * @throws the first job's error, after the others had their turn; the failed one is tried again later
   */
  async drain(): Promise<number> {
    let done = 0;
    const failures: unknown[] = [];
    for (let round = 0; round < DRAIN_ROUNDS; round++) {
      const before = done;
      for (const { name } of await this.due()) {
        for (const job of await this.boss.fetch<object>(name, { batchSize: 100 })) {
          await this.run(job).catch((error: unknown) => failures.push(error));
          done++;
        }
      }
      if (done > before) continue;
      if (failures.length > 0) throw failures[0];
      return done;
    }
    throw new Error('The queue does not become empty');
  }

  /** Begins no other job; what is running goes on. */
  rest(): void {
    if (this.stopping.signal.aborted) return;
    this.restedAtMs = performance.now();
    this.stopping.abort();
    for (const wake of this.wakers.values()) wake();
  }

  /** Lets running jobs finish. One that takes longer is given back, for another process to begin again. */
  async stop(): Promise<void> {
    this.rest();
    const leftMs = Math.max(0, this.restedAtMs + STOP_TIMEOUT_MS - performance.now());
    await within(Promise.all(this.loops), leftMs).catch(() => this.giveBack());
    if (this.starting) await this.boss.stop({ close: false });
  }

  private async giveBack(): Promise<void> {
    for (const job of this.inHand) {
      this.log.warn({ job: job.name }, 'job given back');
      await this.boss
        .fail(job.name, job, { message: 'The process ended' })
        .catch((error: unknown) => this.log.error({ err: error, job: job.name }, 'left to its expiry'));
    }
  }

  /** Which queues have something to do. */
  private due(): Promise<{ name: string }[]> {
    return this.db.rows(ask.due, [JSON.stringify([...this.handlers.keys()])]);
  }

  /** Asks for all queues at once; one that is busy looks by itself. */
  private async poll(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        for (const { name } of await this.due()) this.wakers.get(name)?.();
      } catch (error) {
        this.log.error({ err: error }, 'jobs not looked for');
      }
      await sleep(POLL_MS, undefined, { signal: this.stopping.signal }).catch(() => {}); // it stops
    }
  }

  /** Until the queue has something to do, or the process stops. */
  private async woken(name: string): Promise<void> {
    if (this.stopping.signal.aborted) return;
    await new Promise<void>((resolve) => this.wakers.set(name, resolve));
    this.wakers.delete(name);
  }

  /**
   * Runs the jobs of one queue until the process stops. Each is fetched when there is room for it: its time
   * counts from then, so that none expires behind another one.
   */
  private async work(name: string): Promise<void> {
    const { concurrency = CONCURRENCY } = this.optionsOf(name);
    const running = new Set<Promise<void>>();
    await this.woken(name);
    while (!this.stopping.signal.aborted) {
      const room = concurrency - running.size;
      const jobs = await this.fetch(name, room);
      for (const job of jobs) {
        // Its failure is in the log; one that could not be written down either is left to the expiry.
        const run = this.run(job)
          .catch(() => {})
          .finally(() => running.delete(run));
        running.add(run);
      }
      await (jobs.length < room ? this.woken(name) : Promise.race(running));
    }
    await Promise.all(running);
  }

  private async fetch(name: string, batchSize: number): Promise<Job<object>[]> {
    try {
      return await this.boss.fetch<object>(name, { batchSize });
    } catch (error) {
      this.log.error({ err: error, job: name }, 'jobs not fetched');
      return [];
    }
  }

  /** @throws what the handler threw, after the job was given back to be tried again */
  private run(job: Job<object>): Promise<void> {
    const requestId = job.groupId ?? job.id;
    const fields = { reqId: requestId, job: job.name, jobId: job.id };
    return logContext.run({ requestId, fields }, () => this.attempt(job));
  }

  private async attempt(job: Job<object>): Promise<void> {
    const { name, data, expireInSeconds, retryCount } = job;
    this.inHand.add(job);
    const startedMs = performance.now();
    const told = (outcome: RunOutcome) => this.onRun(name, outcome, (performance.now() - startedMs) / 1_000);
    // Settled as the attempt that was fetched: one that expired is somebody else's.
    try {
      await within(
        asFamily('jobs', () => this.handlers.get(name)!(data)),
        expireInSeconds * 1_000,
      );
      await this.boss.complete(name, job);
      told('done');
    } catch (error) {
      const isLast = retryCount >= (this.optionsOf(name).retryLimit ?? RETRIES.retryLimit);
      this.log.error(
        { err: error, job: name, data, ...(isLast && { alarm: 'job-failed', failure: 'job' }) },
        'job failed',
      );
      told(isLast ? 'failed' : 'retried');
      await this.boss.fail(name, job, { message: String(error) });
      throw error;
    } finally {
      this.inHand.delete(job);
    }
  }

  private optionsOf(name: string): JobOptions {
    return definedJobs.get(name)?.options ?? {};
  }

  /** As JSON. */
  private queuesOf(subscriber: string): string {
    return JSON.stringify([...this.handlers.keys()].filter((name) => name.endsWith(`.${subscriber}`)));
  }

  private collectHandlers(): void {
    const scanner = new MetadataScanner();
    for (const { instance } of this.discovery.getProviders()) {
      if (!instance || typeof instance !== 'object') continue;
      const prototype = Object.getPrototypeOf(instance) as object;
      for (const key of scanner.getAllMethodNames(prototype)) {
        const method = (instance as Record<string, Handler>)[key];
        const note = method && this.reflector.get<HandlerNote | undefined>(JOB_HANDLER, method);
        for (const job of note?.jobs ?? []) {
          if (this.handlers.has(job)) throw new Error(`Job ${job} has two handlers`);
          this.handlers.set(job, method!.bind(instance));
        }
      }
    }
  }
}

/** The id of the request that a job follows from. pg-boss keeps a group with each job, and here nothing is run by it. */
function carried(): { group?: { id: string } } {
  const context = logContext.getStore();
  return context ? { group: { id: context.requestId } } : {};
}
