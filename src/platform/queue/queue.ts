import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { fromPglite, fromPrisma, type Job, PgBoss } from 'pg-boss';
import { NIL } from 'uuid';
import { CONFIG, type Config } from '../../config/config.js';
import { type Connection, Database, statement, type Transaction } from '../database/database.js';
import { asFamily } from '../database/fair-pool.js';
import {
  definedJobs,
  type FactKind,
  type HandlerNote,
  JOB_HANDLER,
  type JobKind,
  type JobOptions,
} from './job.js';

const POLL_MS = 1_000;
const CONCURRENCY = 2;
const STOP_TIMEOUT_MS = 15_000;
const DRAIN_ROUNDS = 100;
const RETRIES = { retryLimit: 12, retryDelay: 2, retryBackoff: true, retryDelayMax: 3_600 };
const EXPIRE_S = 120;

type Handler = (data: object) => Promise<void>;

const unfinished = `from pgboss.job
  where name = any (array(select json_array_elements_text($1::json))) and state < 'completed'`;

const waiting = statement<{ isWaiting: boolean }>(
  'queue_is_waiting',
  `select exists (select ${unfinished} and data @> $2::jsonb) as "isWaiting"`,
);

const withoutJob = statement<{ data: object }>(
  'queue_without_job',
  `select one.data::json as data from jsonb_array_elements($2::jsonb) as one (data)
   where not exists (select from pgboss.job where name = $1::text and state < 'completed' and job.data = one.data)`,
);

const oldest = statement<{ createdAt: Date | null }>(
  'queue_oldest_waiting',
  `select min(created_on) as "createdAt" ${unfinished}`,
);

/** Jobs over pg-boss: enqueued inside the caller's transaction, run by any process that works. */
@Injectable()
export class Queue implements OnApplicationBootstrap {
  private readonly log = new Logger(Queue.name);
  private readonly handlers = new Map<string, Handler>();
  private readonly boss: PgBoss;
  private readonly stopping = new AbortController();
  private readonly loops: Promise<void>[] = [];
  private starting?: Promise<void>;

  constructor(
    db: Database,
    private readonly discovery: DiscoveryService,
    private readonly reflector: Reflector,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    const { pool } = db;
    this.boss = pool
      ? new PgBoss({ db: { executeSql: (text, values) => pool.query(text, values) }, schedule: false })
      : new PgBoss({ db: fromPglite(db.lite!), backend: 'pglite', schedule: false, reindex: false });
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
    for (const name of this.handlers.keys()) {
      const { expireInS = EXPIRE_S, concurrency: _, ...options } = this.optionsOf(name);
      await this.boss.createQueue(name, { ...RETRIES, expireInSeconds: expireInS, ...options });
      // pg-boss reads a queue's settings at its first use, on its own connection: inside a transaction on the
      // embedded database that would wait for itself. So it is used once here.
      await this.boss.getJobById(name, NIL);
    }
    if (this.config.role === 'web') return;
    for (const name of this.handlers.keys()) this.loops.push(this.work(name));
  }

  /** The job commits with the caller's data, or not at all. A higher priority comes to its turn first. */
  async enqueue<Data extends object>(
    tx: Transaction,
    job: JobKind<Data>,
    data: Data,
    { runAt, priority = 0 }: { runAt?: Date; priority?: number } = {},
  ): Promise<void> {
    await this.boss.send(job.name, data, { db: fromPrisma(tx.prisma), startAfter: runAt, priority });
  }

  /** Many jobs of a kind in one statement. */
  async enqueueAll<Data extends object>(
    tx: Transaction,
    job: JobKind<Data>,
    all: readonly Data[],
  ): Promise<void> {
    await this.boss.insert(
      job.name,
      all.map((data) => ({ data })),
      { db: fromPrisma(tx.prisma) },
    );
  }

  /** Writes a fact: one job for each subscriber, in the caller's transaction. */
  async record<Data extends object>(tx: Transaction, fact: FactKind<Data>, data: Data): Promise<void> {
    for (const name of this.handlers.keys()) {
      if (name.startsWith(`${fact.name}.`)) await this.boss.send(name, data, { db: fromPrisma(tx.prisma) });
    }
  }

  /** Whether a job of a fact's subscriber, about these ids, has not been done yet. One that failed for good does not wait. */
  async isWaiting(db: Connection, subscriber: string, data: object): Promise<boolean> {
    const [row] = await db.rows(waiting, [this.queuesOf(subscriber), JSON.stringify(data)]);
    return row!.isWaiting;
  }

  /** Those of `all` that no job of this kind waits or runs for: it is done, failed for good, or was never there. */
  async withoutJob<Data extends object>(
    db: Connection,
    job: JobKind<Data>,
    all: readonly Data[],
  ): Promise<Data[]> {
    const rows = await db.rows(withoutJob, [job.name, JSON.stringify(all)]);
    return rows.map(({ data }) => data as Data);
  }

  /** When the oldest job of a fact's subscriber that has not been done yet was enqueued. */
  async oldestWaiting(db: Connection, subscriber: string): Promise<Date | null> {
    const [row] = await db.rows(oldest, [this.queuesOf(subscriber)]);
    return row!.createdAt;
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
      for (const name of this.handlers.keys()) {
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

  /** Lets running jobs finish. One that takes longer is left to its expiry. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await inTime(Promise.all(this.loops), STOP_TIMEOUT_MS).catch((error: unknown) =>
      this.log.warn({ err: error }, 'jobs still running'),
    );
    if (this.starting) await this.boss.stop({ close: false });
  }

  /**
   * Runs the jobs of one queue until the process stops. Each is fetched when there is room for it: its time
   * counts from then, so that none expires behind another one.
   */
  private async work(name: string): Promise<void> {
    const { concurrency = CONCURRENCY } = this.optionsOf(name);
    const running = new Set<Promise<void>>();
    while (!this.stopping.signal.aborted) {
      const job = await this.fetch(name);
      if (!job) {
        await sleep(POLL_MS, undefined, { signal: this.stopping.signal }).catch(() => {}); // it stops
        continue;
      }
      // Its failure is in the log; one that could not be written down either is left to the expiry.
      const run = this.run(job)
        .catch(() => {})
        .finally(() => running.delete(run));
      running.add(run);
      if (running.size === concurrency) await Promise.race(running);
    }
    await Promise.all(running);
  }

  private async fetch(name: string): Promise<Job<object> | undefined> {
    try {
      return (await this.boss.fetch<object>(name))[0];
    } catch (error) {
      this.log.error({ err: error, job: name }, 'jobs not fetched');
      return undefined;
    }
  }

  /** @throws what the handler threw, after the job was given back to be tried again */
  private async run(job: Job<object>): Promise<void> {
    const { name, data, expireInSeconds } = job;
    // Settled as the attempt that was fetched: one that expired is somebody else's.
    try {
      await inTime(
        asFamily('jobs', () => this.handlers.get(name)!(data)),
        expireInSeconds * 1_000,
      );
      await this.boss.complete(name, job);
    } catch (error) {
      this.log.error({ err: error, job: name, data }, 'job failed');
      await this.boss.fail(name, job, { message: String(error) });
      throw error;
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

/** @throws Error when it takes longer; it is not waited for then */
async function inTime(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Took longer than ${ms / 1_000} s`)), ms);
  });
  await Promise.race([work, tooLate]).finally(() => clearTimeout(timer));
}
