import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIG, type Config } from '../../../config/config.js';
import type { Store } from '../../../generated/prisma/enums.js';
import { Clock } from '../../../platform/clock/clock.js';
import { keysOf, unsealByAny } from '../../../platform/crypto/secrets.js';
import { Database } from '../../../platform/database/database.js';
import { messageForLog } from '../../../platform/observability/redaction.js';
import { Handles } from '../../../platform/queue/job.js';
import { Queue } from '../../../platform/queue/queue.js';
import type { Slot } from '../../../platform/queue/schedule.js';
import { processStoreEvent, purgeStoreEvents, watchInbox } from './inbox.jobs.js';
import { stuckStoreEvents } from './inbox.queries.js';

/** What a store's module does with an event of its inbox: asks the store for the present state, and learns it. */
export interface StoreEventProcessor {
  /** May run more than once, late, and in any order. @param body as it came, authenticated before it was stored */
  process(body: string): Promise<void>;
}

/** Injection token: the processor of each store. */
export const PROCESSORS = Symbol('PROCESSORS');
const ERROR_KEPT = 300;
const STUCK_AFTER_MS = 15 * 60_000;
/** For so long an entry is taken up again, so many in one run; afterwards it is left to somebody. */
const TAKEN_UP_FOR_MS = 7 * 86_400_000;
const TAKEN_UP_AT_ONCE = 1_000;
const LOOKED_THROUGH = 10_000;
/** Processed entries: longer than any store answers for, a year and a bit. */
const KEPT_MS = 400 * 86_400_000;

@Injectable()
export class InboxHandlers {
  private readonly log = new Logger(InboxHandlers.name);

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly queue: Queue,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(PROCESSORS) private readonly processors: Record<Store, StoreEventProcessor>,
  ) {}

  /** Each entry is a job of its own: one that keeps failing is seen in its row and holds nobody up. */
  @Handles(processStoreEvent)
  async processStoreEvent({ eventId }: { eventId: string }): Promise<void> {
    const event = await this.db.prisma.storeEvent.findUnique({ where: { id: eventId, processedAt: null } });
    if (!event) return;
    try {
      await this.processors[event.store].process(unsealByAny(event.bodySealed, keysOf(this.config)));
    } catch (error) {
      await this.note(eventId, { lastError: saidBy(error) });
      throw error;
    }
    await this.note(eventId, { processedAt: this.clock.now(), lastError: null });
  }

  /**
   * Whatever the reason (a store that is down, a fault of ours, no worker): somebody has to look. Meanwhile an entry
   * whose job has run out of retries (after about 2 h) gets another one: the store does not send again what was answered.
   */
  @Handles(watchInbox)
  async watch(): Promise<void> {
    const nowMs = this.clock.nowMs();
    for (const { oldestAt, ...stuck } of await stuckStoreEvents(this.db, new Date(nowMs - STUCK_AFTER_MS))) {
      const oldestAgeS = Math.round((nowMs - oldestAt.getTime()) / 1_000);
      this.log.error(
        { alarm: 'store-events-stuck', ...stuck, oldestAgeS },
        'notifications of a store wait too long',
      );
    }
    await this.takeUp(nowMs);
  }

  @Handles(purgeStoreEvents)
  async purge({ slotAt }: Slot): Promise<void> {
    const receivedAt = { lt: new Date(Date.parse(slotAt) - KEPT_MS) };
    await this.db.prisma.storeEvent.deleteMany({ where: { receivedAt, processedAt: { not: null } } });
  }

  private async takeUp(nowMs: number): Promise<void> {
    const receivedAt = { gt: new Date(nowMs - TAKEN_UP_FOR_MS), lt: new Date(nowMs - STUCK_AFTER_MS) };
    const stuck = await this.db.prisma.storeEvent.findMany({
      where: { processedAt: null, receivedAt },
      select: { id: true },
      orderBy: { receivedAt: 'asc' },
      take: LOOKED_THROUGH,
    });
    const jobs = stuck.map(({ id }) => ({ eventId: id }));
    await this.db.transaction(async (tx) => {
      const left = await this.queue.withoutJob(tx, processStoreEvent, jobs);
      if (left.length === 0) return;
      await this.queue.enqueueAll(tx, processStoreEvent, left.slice(0, TAKEN_UP_AT_ONCE));
      this.log.warn({ count: left.length }, 'notifications of stores are taken up again');
    });
  }

  private async note(id: string, data: { processedAt?: Date; lastError: string | null }): Promise<void> {
    await this.db.prisma.storeEvent.update({ where: { id }, data: { ...data, attempts: { increment: 1 } } });
  }
}

/** Shown to admins; the errors of the database quote what they were given. */
const saidBy = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${messageForLog(error)}` : String(error)).slice(0, ERROR_KEPT);
