import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { CronJob } from 'cron';
import { CronExpressionParser } from 'cron-parser';
import { CONFIG, type Config } from '../../config/config.js';
import { Clock } from '../clock/clock.js';
import { SEOUL } from '../clock/kst.js';
import { Database, type Transaction } from '../database/database.js';
import type { JobKind } from './job.js';
import { Queue } from './queue.js';
import type { JobCounts } from './queue.sql.js';

/** How long the rows of past slots stay, to be looked at. */
const RUNS_KEPT_MS = 30 * 86_400_000;

/** Injection token of the one table of what happens when. */
export const SCHEDULE = Symbol('SCHEDULE');
const TICK = 'schedule';

/** What a scheduled job is given: the slot it runs for, not the time at which it happens to run. */
export interface Slot {
  slotAt: string;
}

export interface ScheduleEntry {
  job: JobKind<Slot>;
  /** Five fields, in Korean time. */
  cron: string;
}

export interface ScheduledJob extends JobCounts {
  name: string;
  cron: string;
  /** The last one that was enqueued. */
  lastSlotAt: Date | null;
  nextSlotAt: Date;
}

const NONE: JobCounts = { waiting: 0, running: 0, failed: 0, lastDoneAt: null };

/**
 * Puts a job on the queue for each slot. However many processes tick, the first to write the slot's row
 * enqueues it; the latest slot missed while everything (or the database) was down is made up once.
 */
@Injectable()
export class Schedule implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(Schedule.name);
  private readonly doneSlots = new Map<string, number>();

  constructor(
    @Inject(SCHEDULE) private readonly entries: readonly ScheduleEntry[],
    @Inject(CONFIG) private readonly config: Config,
    private readonly registry: SchedulerRegistry,
    private readonly db: Database,
    private readonly queue: Queue,
    private readonly clock: Clock,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (this.config.role === 'web') return;
    await this.queue.start();
    this.registry.addCronJob(
      TICK,
      new CronJob('* * * * *', () => void this.enqueueDueSlots(), null, true, SEOUL),
    );
    await this.learnDoneSlots();
    await this.enqueueDueSlots();
  }

  onApplicationShutdown(): void {
    for (const tick of this.registry.getCronJobs().values()) void tick.stop();
  }

  /** In the order of the table. */
  async overview(): Promise<ScheduledJob[]> {
    const names = this.entries.map(({ job }) => job.name);
    const counts = await this.queue.countsOf(this.db, names);
    const runs = await this.db.prisma.scheduleRun.groupBy({ by: ['name'], _max: { slotAt: true } });
    const lastSlots = new Map(runs.map(({ name, _max }) => [name, _max.slotAt]));
    return this.entries.map(({ job: { name }, cron }) => ({
      ...{
        name,
        cron,
        lastSlotAt: lastSlots.get(name) ?? null,
        nextSlotAt: nextSlot(cron, this.clock.now()),
      },
      ...(counts.get(name) ?? NONE),
    }));
  }

  /**
   * The latest slot once more, or for the first time; while it waits or runs it is not enqueued again.
   * @returns null when the schedule names no such job
   */
  async runNow(
    tx: Transaction,
    name: string,
  ): Promise<{ jobId: string; isNew: boolean; slotAt: Date } | null> {
    const entry = this.entries.find(({ job }) => job.name === name);
    if (!entry) return null;
    const slotAt = latestSlot(entry.cron, this.clock.now());
    await tx.prisma.scheduleRun.createMany({ data: [{ name, slotAt }], skipDuplicates: true });
    return { ...(await this.queue.enqueueNow(tx, entry.job, { slotAt: slotAt.toISOString() })), slotAt };
  }

  /** Saves a start the transactions for slots that were enqueued long ago. */
  private async learnDoneSlots(): Promise<void> {
    try {
      const done = await this.db.prisma.scheduleRun.groupBy({ by: ['name'], _max: { slotAt: true } });
      for (const { name, _max } of done) this.doneSlots.set(name, _max.slotAt!.getTime());
    } catch (error) {
      this.log.error({ err: error }, 'done slots not read');
    }
  }

  /** Never throws: what fails now is tried again a minute later. */
  private async enqueueDueSlots(): Promise<void> {
    for (const entry of this.entries) {
      try {
        await this.enqueueDueSlot(entry);
      } catch (error) {
        this.log.error({ err: error, job: entry.job.name }, 'slot not enqueued');
      }
    }
  }

  /** @returns whether this call was the one that enqueued the latest slot */
  async enqueueDueSlot({ job, cron }: ScheduleEntry): Promise<boolean> {
    const slotAt = latestSlot(cron, this.clock.now());
    if (this.doneSlots.get(job.name) === slotAt.getTime()) return false;
    const isFirst = await this.db.transaction(async (tx) => {
      const { count } = await tx.prisma.scheduleRun.createMany({
        data: [{ name: job.name, slotAt }],
        skipDuplicates: true,
      });
      if (count === 0) return false;
      await this.queue.enqueue(tx, job, { slotAt: slotAt.toISOString() });
      const forgotten = new Date(slotAt.getTime() - RUNS_KEPT_MS);
      await tx.prisma.scheduleRun.deleteMany({ where: { name: job.name, slotAt: { lt: forgotten } } });
      return true;
    });
    this.doneSlots.set(job.name, slotAt.getTime());
    return isFirst;
  }
}

/** The last time at or before `now` that the expression names, in Korean time. */
export function latestSlot(cron: string, now: Date): Date {
  const justAfter = new Date(now.getTime() + 1);
  return CronExpressionParser.parse(cron, { currentDate: justAfter, tz: SEOUL }).prev().toDate();
}

/** The next time after `now`. */
export function nextSlot(cron: string, now: Date): Date {
  return CronExpressionParser.parse(cron, { currentDate: now, tz: SEOUL }).next().toDate();
}
