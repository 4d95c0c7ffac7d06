import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { ProviderError } from '../../platform/outbound/provider-error.js';
import { defineJob, Handles, Reacts } from '../../platform/queue/job.js';
import { Queue } from '../../platform/queue/queue.js';
import {
  startOf,
  walkChanged,
  walkCompleted,
  type WalkFact,
  Walks,
  walkSurroundingsLearnt,
} from '../walks/index.js';
import { Regions } from './regions.service.js';

/** Minutes after each failure, for some 18 hours; then the walk stays without a region, and nothing else is wrong. */
const AGAIN_AFTER_MIN = [1, 4, 16, 60, 240, 360, 360];

const learnRegionAgain = defineJob<WalkFact & { failures: number }>('regions.learn-again');

/** In which region a walk began: for the badges and the rankings. */
@Injectable()
export class WalkRegionJobs {
  constructor(
    private readonly db: Database,
    private readonly queue: Queue,
    private readonly walks: Walks,
    private readonly regions: Regions,
    private readonly clock: Clock,
  ) {}

  @Reacts('regions', walkCompleted, walkChanged)
  async learn(fact: WalkFact): Promise<void> {
    await this.learnOrWait(fact, 0);
  }

  @Handles(learnRegionAgain)
  async learnAgain({ failures, ...fact }: WalkFact & { failures: number }): Promise<void> {
    await this.learnOrWait(fact, failures);
  }

  private async learnOrWait({ walkId, userId }: WalkFact, failures: number): Promise<void> {
    const start = await startOf(this.db, walkId);
    if (!start) return;
    try {
      const region = await this.regions.find(start.lat, start.lng);
      if (!region) return;
      await this.db.transaction(async (tx) => {
        if (await this.walks.setStartRegion(tx, walkId, region.code))
          await this.queue.record(tx, walkSurroundingsLearnt, { walkId, userId });
      });
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      const waitMin = AGAIN_AFTER_MIN[failures];
      if (waitMin === undefined) return;
      const runAt = new Date(this.clock.nowMs() + waitMin * 60_000);
      await this.db.transaction((tx) =>
        this.queue.enqueue(tx, learnRegionAgain, { walkId, userId, failures: failures + 1 }, { runAt }),
      );
    }
  }
}
