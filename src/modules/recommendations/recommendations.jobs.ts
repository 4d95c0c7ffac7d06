import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { addDays, kstDate } from '../../platform/clock/kst.js';
import { Database } from '../../platform/database/database.js';
import { defineJob, Handles } from '../../platform/queue/job.js';
import { Queue } from '../../platform/queue/queue.js';
import type { Slot } from '../../platform/queue/schedule.js';
import { WALKS_COUNTED_DAYS } from './recommendation-rules.js';
import { allGus, makeOfGu, removeForHomeless } from './recommendations.queries.js';

const GU_TIMEOUT_MS = 600_000;

export const makeRecommendations = defineJob<Slot>('recommendations.make');
const makeForGu = defineJob<{ guCode: string }>('recommendations.make-for-gu', { expireInS: 900 });

@Injectable()
export class RecommendationJobs {
  constructor(
    private readonly db: Database,
    private readonly queue: Queue,
    private readonly clock: Clock,
  ) {}

  /** A job for each gu, so that one that fails keeps no other, and many processes share them. */
  @Handles(makeRecommendations)
  async makeAll(): Promise<void> {
    await this.db.transaction(async (tx) => {
      await removeForHomeless(tx);
      const gus = await allGus(tx);
      await this.queue.enqueueAll(
        tx,
        makeForGu,
        gus.map((guCode) => ({ guCode })),
      );
    });
  }

  @Handles(makeForGu)
  async makeForGu({ guCode }: { guCode: string }): Promise<void> {
    const now = this.clock.now();
    const walkedAfter = addDays(kstDate(now), -WALKS_COUNTED_DAYS);
    await this.db.transaction((tx) => makeOfGu(tx, guCode, { now, walkedAfter }), {
      timeoutMs: GU_TIMEOUT_MS,
    });
  }
}
