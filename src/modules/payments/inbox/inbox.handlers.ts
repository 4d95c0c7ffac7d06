import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../config/config.js';
import type { Store } from '../../../generated/prisma/enums.js';
import { Clock } from '../../../platform/clock/clock.js';
import { unseal } from '../../../platform/crypto/secrets.js';
import { Database } from '../../../platform/database/database.js';
import { Handles } from '../../../platform/queue/job.js';
import { processStoreEvent } from './inbox.jobs.js';

/** What a store's module does with an event of its inbox: asks the store for the present state, and learns it. */
export interface StoreEventProcessor {
  /** May run more than once, late, and in any order. @param body as it came, authenticated before it was stored */
  process(body: string): Promise<void>;
}

/** Injection token: the processor of each store. */
export const PROCESSORS = Symbol('PROCESSORS');
const ERROR_KEPT = 300;

@Injectable()
export class InboxHandlers {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(PROCESSORS) private readonly processors: Record<Store, StoreEventProcessor>,
  ) {}

  /** Each entry is a job of its own: one that keeps failing is seen in its row and holds nobody up. */
  @Handles(processStoreEvent)
  async processStoreEvent({ eventId }: { eventId: string }): Promise<void> {
    const event = await this.db.prisma.storeEvent.findUnique({ where: { id: eventId, processedAt: null } });
    if (!event) return;
    try {
      await this.processors[event.store].process(unseal(event.bodySealed, this.config.encryptionKey!));
    } catch (error) {
      await this.note(eventId, { lastError: String(error).slice(0, ERROR_KEPT) });
      throw error;
    }
    await this.note(eventId, { processedAt: this.clock.now(), lastError: null });
  }

  private async note(id: string, data: { processedAt?: Date; lastError: string | null }): Promise<void> {
    await this.db.prisma.storeEvent.update({ where: { id }, data: { ...data, attempts: { increment: 1 } } });
  }
}
