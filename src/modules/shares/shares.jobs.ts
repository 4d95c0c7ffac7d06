import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { defineJob, Handles, Reacts } from '../../platform/queue/job.js';
import type { Slot } from '../../platform/queue/schedule.js';
import { FileDeletions } from '../../platform/storage/file-deletions.js';
import { privacyZonesChanged } from '../users/index.js';
import { walkChanged, type WalkFact } from '../walks/index.js';
import { Cards } from './cards.service.js';
import { walksWithCardsOf } from './shares.queries.js';

const KEPT_AFTER_END_MS = 30 * 86_400_000;

export const purgeShares = defineJob<Slot>('shares.purge');

@Injectable()
export class ShareJobs {
  constructor(
    private readonly db: Database,
    private readonly cards: Cards,
    private readonly deletions: FileDeletions,
    private readonly clock: Clock,
  ) {}

  /** A card is found by its content, so a stale one is never shown again; here it goes from the storage. */
  @Reacts('cards', walkChanged)
  async removeCards({ walkId }: WalkFact): Promise<void> {
    await this.cards.forget(walkId);
  }

  /** As many as the user has walks: left to the job that deletes files. */
  @Reacts('cards', privacyZonesChanged)
  async removeAllCards({ userId }: { userId: string }): Promise<void> {
    const walkIds = await walksWithCardsOf(this.db, userId);
    if (walkIds.length === 0) return;
    await this.db.transaction((tx) =>
      this.deletions.soon(
        tx,
        walkIds.map((id) => `cards/${id}`),
      ),
    );
  }

  @Handles(purgeShares)
  async purge(): Promise<void> {
    const before = new Date(this.clock.nowMs() - KEPT_AFTER_END_MS);
    await this.db.prisma.walkShare.deleteMany({
      where: { OR: [{ expiresAt: { lt: before } }, { revokedAt: { lt: before } }] },
    });
  }
}
