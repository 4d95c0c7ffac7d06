import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { CONFIG, type Config } from '../../../config/config.js';
import type { Store, StoreEnvironment } from '../../../generated/prisma/enums.js';
import { Clock } from '../../../platform/clock/clock.js';
import { seal } from '../../../platform/crypto/secrets.js';
import { Database } from '../../../platform/database/database.js';
import { Queue } from '../../../platform/queue/queue.js';
import { processStoreEvent } from './inbox.jobs.js';

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
}
