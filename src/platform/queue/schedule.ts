import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { CronJob } from 'cron';
import { CronExpressionParser } from 'cron-parser';
import { CONFIG, type Config } from '../../config/config.js';
import { Clock } from '../clock/clock.js';
import { SEOUL } from '../clock/kst.js';
import { Database } from '../database/database.js';
import type { JobKind } from './job.js';
import { Queue } from './queue.js';

/** Injection token of the one table of what happens when. */
export const SCHEDULE = Symbol('SCHEDULE');

/** What a scheduled job is given: the slot it runs for, not the time at which it happens to run. */
export interface Slot {
  slotAt: string;
}

export interface ScheduleEntry {
  job: JobKind<Slot>;
  /** Five fields, in Korean time. */
  cron: string;
}

/**
 * Puts a job on the queue for each slot. However many processes tick, the first to write the slot's row
 * enqueues it; a slot missed while everything was down is made up at the next start, once.
 */
@Injectable()
export class Schedule implements OnApplicationBootstrap, OnApplicationShutdown {
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
    for (const entry of this.entries) {
      const tick = new CronJob(entry.cron, () => void this.enqueueDueSlot(entry), null, true, SEOUL);
      this.registry.addCronJob(entry.job.name, tick);
      await this.enqueueDueSlot(entry);
    }
  }

  onApplicationShutdown(): void {
    for (const tick of this.registry.getCronJobs().values()) void tick.stop();
  }

  /** @returns whether this call was the one that enqueued the latest slot */
  async enqueueDueSlot({ job, cron }: ScheduleEntry): Promise<boolean> {
    const slotAt = latestSlot(cron, this.clock.now());
    return this.db.transaction(async (tx) => {
      const { count } = await tx.prisma.scheduleRun.createMany({ data: [{ name: job.name, slotAt }], skipDuplicates: true });
      if (count === 1) await this.queue.enqueue(tx, job, { slotAt: slotAt.toISOString() });
      return count === 1;
    });
  }
}

/** The last time at or before `now` that the expression names, in Korean time. */
export function latestSlot(cron: string, now: Date): Date {
  const justAfter = new Date(now.getTime() + 1);
  return CronExpressionParser.parse(cron, { currentDate: justAfter, tz: SEOUL }).prev().toDate();
}
