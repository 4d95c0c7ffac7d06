import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { fromPglite, fromPrisma, type JobResult, PgBoss } from 'pg-boss';
import { NIL } from 'uuid';
import { CONFIG, type Config } from '../../config/config.js';
import { type Connection, Database, statement, type Transaction } from '../database/database.js';
import {
  definedJobs,
  type FactKind,
  type HandlerNote,
  JOB_HANDLER,
  type JobKind,
  type JobOptions,
} from './job.js';

const POLL_S = 1;
/** Jobs fetched at once. A full batch is followed by the next without waiting for the poll. */
const BATCH = 20;
const STOP_TIMEOUT_MS = 15_000;
const DRAIN_ROUNDS = 100;
const RETRIES = { retryLimit: 12, retryDelay: 2, retryBackoff: true, retryDelayMax: 3_600 };
const EXPIRE_S = 120;

type Handler = (data: object) => Promise<void>;

const waiting = statement<{ isWaiting: boolean }>(
  'queue_is_waiting',
  `select exists (
     select from pgboss.job where name like $1::text and state < 'completed' and data @> $2::jsonb
   ) as "isWaiting"`,
);

/** Jobs over pg-boss: enqueued inside the caller's transaction, run by any process that works. */
@Injectable()
export class Queue implements OnApplicationBootstrap {
  private readonly log = new Logger(Queue.name);
  private readonly handlers = new Map<string, Handler>();
  private readonly boss: PgBoss;
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
      const { expireInS = EXPIRE_S, ...options }: JobOptions = definedJobs.get(name)?.options ?? {};
      await this.boss.createQueue(name, { ...RETRIES, expireInSeconds: expireInS, ...options });
      // pg-boss reads a queue's settings at its first use, on its own connection: inside a transaction on the
      // embedded database that would wait for itself. So it is used once here.
      await this.boss.getJobById(name, NIL);
    }
    if (this.config.role !== 'web') await this.work();
  }

  /** The job commits with the caller's data, or not at all. */
  async enqueue<Data extends object>(
    tx: Transaction,
    job: JobKind<Data>,
    data: Data,
    options: { runAt?: Date } = {},
  ): Promise<void> {
    await this.boss.send(job.name, data, { db: fromPrisma(tx.prisma), startAfter: options.runAt });
  }

  /** Writes a fact: one job for each subscriber, in the caller's transaction. */
  async record<Data extends object>(tx: Transaction, fact: FactKind<Data>, data: Data): Promise<void> {
    for (const name of this.handlers.keys()) {
      if (name.startsWith(`${fact.name}.`)) await this.boss.send(name, data, { db: fromPrisma(tx.prisma) });
    }
  }

  /** Whether a job of a fact's subscriber, about these ids, has not been done yet. One that failed for good does not wait. */
  async isWaiting(db: Connection, subscriber: string, data: object): Promise<boolean> {
    const [row] = await db.rows(waiting, [`%.${subscriber}`, JSON.stringify(data)]);
    return row?.isWaiting ?? false;
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
      for (const [name, handler] of this.handlers) {
        for (const job of await this.boss.fetch<object>(name, { batchSize: 100 })) {
          try {
            await handler(job.data);
            await this.boss.complete(name, job.id);
          } catch (error) {
            await this.boss.fail(name, job.id, { message: String(error) });
            failures.push(error);
          }
          done++;
        }
      }
      if (done > before) continue;
      if (failures.length > 0) throw failures[0];
      return done;
    }
    throw new Error('The queue does not become empty');
  }

  /** Lets running jobs finish. */
  async stop(): Promise<void> {
    if (this.starting) await this.boss.stop({ graceful: true, close: false, timeout: STOP_TIMEOUT_MS });
  }

  private async work(): Promise<void> {
    for (const [name, handler] of this.handlers) {
      const options = {
        pollingIntervalSeconds: POLL_S,
        batchSize: BATCH,
        burstWhenBatchFull: true,
        perJobResults: true,
      } as const;
      await this.boss.work<object>(name, options, async (jobs) => {
        const results: JobResult[] = [];
        for (const { id, data } of jobs) results.push(await this.runLogged(name, handler, id, data));
        return results;
      });
    }
  }

  private async runLogged(name: string, handler: Handler, id: string, data: object): Promise<JobResult> {
    try {
      await handler(data);
      return { id, status: 'completed' };
    } catch (error) {
      this.log.error({ err: error, job: name, data }, 'job failed');
      return { id, status: 'failed', output: { message: String(error) } };
    }
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
