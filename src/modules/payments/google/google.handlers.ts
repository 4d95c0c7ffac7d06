import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIG, type Config } from '../../../config/config.js';
import { Clock } from '../../../platform/clock/clock.js';
import { keysOf, unsealByAny } from '../../../platform/crypto/secrets.js';
import { Database } from '../../../platform/database/database.js';
import { Handles } from '../../../platform/queue/job.js';
import { Queue } from '../../../platform/queue/queue.js';
import { acknowledgeByMs } from './google-facts.js';
import { GooglePlayApi } from './google-play-api.js';
import { acknowledgeGoogle, watchGoogleAcknowledgements } from './google.jobs.js';

/** A day after the purchase, of three. */
const ALARM_MS = 48 * 3_600_000;

@Injectable()
export class GoogleHandlers {
  private readonly log = new Logger(GoogleHandlers.name);

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly queue: Queue,
    private readonly api: GooglePlayApi,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Only what somebody has access by: what Google takes back then was of no use to anybody. */
  @Handles(acknowledgeGoogle)
  async acknowledge({ subscriptionId: id }: { subscriptionId: string }): Promise<void> {
    const row = await this.db.prisma.subscription.findUnique({
      where: { id, acknowledgeBy: { not: null }, userId: { not: null }, accessUntil: { not: null } },
      select: { tokenSealed: true, productId: true },
    });
    if (!row?.tokenSealed || !row.productId) return;
    const token = unsealByAny(row.tokenSealed, keysOf(this.config));
    const snapshot = await this.api.subscription(token);
    if (snapshot && acknowledgeByMs(snapshot) !== null) await this.api.acknowledge(row.productId, token);
    await this.db.prisma.subscription.update({ where: { id }, data: { acknowledgeBy: null } });
  }

  @Handles(watchGoogleAcknowledgements)
  async watchAcknowledgements(): Promise<void> {
    const late = await this.db.prisma.subscription.findMany({
      where: { store: 'google', acknowledgeBy: { lt: new Date(this.clock.nowMs() + ALARM_MS) } },
      select: { id: true, userId: true, acknowledgeBy: true },
      orderBy: { id: 'asc' },
    });
    for (const { id: subscriptionId, userId, acknowledgeBy } of late)
      this.log.error(
        { alarm: 'google-not-acknowledged', subscriptionId, isClaimed: userId !== null, acknowledgeBy },
        'Google will give the money of a purchase back',
      );
    const jobs = late.map(({ id: subscriptionId }) => ({ subscriptionId }));
    if (jobs.length > 0)
      await this.db.transaction((tx) => this.queue.enqueueAll(tx, acknowledgeGoogle, jobs));
  }
}
