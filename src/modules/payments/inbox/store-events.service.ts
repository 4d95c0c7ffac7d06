import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { CONFIG, type Config } from '../../../config/config.js';
import type { Store, StoreEnvironment } from '../../../generated/prisma/enums.js';
import { Clock } from '../../../platform/clock/clock.js';
import { seal } from '../../../platform/crypto/secrets.js';
import { Database } from '../../../platform/database/database.js';
import { Queue } from '../../../platform/queue/queue.js';
import { Idempotency, type Once } from '../../../platform/http/idempotency.js';
import { page, readCursor } from '../../../platform/http/pagination.js';
import { writeDown } from '../../moderation/index.js';
import { storeEventNotFound } from '../payments.errors.js';
import { processStoreEvent } from './inbox.jobs.js';
import { type StoreEventRow, storeEventsPage } from './inbox.queries.js';
import type { StoreEventsQuery } from './inbox.schemas.js';

/** A webhook whose sender is known. */
export interface ReceivedEvent {
  store: Store;
  /** The store's id of this delivery's content: what it repeats when it sends again. */
  eventKey: string;
  kind: string;
  environment: StoreEnvironment;
  /** As it came. */
  body: string;
}

/** The stores' webhooks: stored before anything else, sealed, once under their key; a job does the rest. */
@Injectable()
export class StoreEvents {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly queue: Queue,
    private readonly idempotency: Idempotency,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @returns false when it is here already */
  async receive({ body, ...event }: ReceivedEvent): Promise<boolean> {
    const receivedAt = this.clock.now();
    const id = uuidv7({ msecs: receivedAt.getTime() });
    const bodySealed = seal(body, this.config.encryptionKey!);
    return this.db.transaction(async (tx) => {
      const { count } = await tx.prisma.storeEvent.createMany({
        data: [{ id, ...event, bodySealed, receivedAt }],
        skipDuplicates: true,
      });
      if (count === 1) await this.queue.enqueue(tx, processStoreEvent, { eventId: id });
      return count === 1;
    });
  }

  async list({ state, store, cursor, limit }: StoreEventsQuery) {
    const asked = { state, store: store ?? null, after: readCursor(cursor), count: limit + 1 };
    return page(await storeEventsPage(this.db, asked), limit, ({ receivedAt: at, id }) => ({ at, id }));
  }

  /**
   * Processed once more, whether it was processed before or keeps failing.
   * @throws webhook-not-found
   */
  replay(adminId: string, eventId: string, once: Once | null): Promise<StoreEventRow> {
    return this.idempotency.run(once, async (tx) => {
      const [event] = await tx.prisma.storeEvent.updateManyAndReturn({
        where: { id: eventId },
        data: { processedAt: null },
        omit: { eventKey: true, bodySealed: true },
      });
      if (!event) throw storeEventNotFound();
      await this.queue.enqueue(tx, processStoreEvent, { eventId });
      const target = { targetKind: 'store_event', targetId: eventId } as const;
      const reason = `${event.store} ${event.kind}`;
      const act = { actorId: adminId, action: 'replay_webhook' } as const;
      await writeDown(tx, { ...act, ...target, reason, at: this.clock.now() });
      return event;
    });
  }
}
