import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { addDays, kstDate, kstMidnight } from '../../platform/clock/kst.js';
import { Database } from '../../platform/database/database.js';
import { ProviderError } from '../../platform/outbound/provider-error.js';
import { defineJob, Handles, Reacts } from '../../platform/queue/job.js';
import { Queue } from '../../platform/queue/queue.js';
import {
  startOf,
  walkChanged,
  walkCompleted,
  type WalkFact,
  walkSurroundingsLearnt,
} from '../walks/index.js';
import { Air } from './air.service.js';
import { valueAround } from './air-readings-rules.js';
import { hourOf } from './base-time-rules.js';
import { Cells } from './cells.service.js';
import { type Cell, hasWeather, toGrid } from './grid-rules.js';
import { Kma, KMA_CALLS_A_DAY_OF_JOBS } from './kma.js';
import type { Nowcast } from './kma-readings-rules.js';
import { storeWalkWeather } from './weather.queries.js';

/** KMA does not tell of hours longer ago. */
const TOLD_FOR_MS = 24 * 3_600_000;
/** When KMA is asked again after it had no answer, for as long as it tells; then the walk stays without weather. */
const AGAIN_AFTER_MIN = [1, 5, 15, 30, 60, 120, 240, 240, 240, 240, 240];

const AFTER_MIDNIGHT_MS = 60_000;

type Attempt = WalkFact & { attempt: number };

const askAgain = defineJob<Attempt>('weather.of-walk');

/** The weather where and when a walk started. The walk is long completed by then, and never waits for it. */
@Injectable()
export class WalkWeatherJobs {
  constructor(
    private readonly db: Database,
    private readonly queue: Queue,
    private readonly cells: Cells,
    private readonly air: Air,
    private readonly kma: Kma,
    private readonly clock: Clock,
  ) {}

  @Reacts('weather', walkCompleted, walkChanged)
  async follow(fact: WalkFact): Promise<void> {
    await this.learn({ ...fact, attempt: 0 });
  }

  @Handles(askAgain)
  async learnAgain(attempt: Attempt): Promise<void> {
    await this.learn(attempt);
  }

  /**
   * The stored row holds while the walk starts in the same hour: a crop by some minutes, and so by some hundred metres,
   * does not ask again.
   */
  private async learn(attempt: Attempt): Promise<void> {
    const { walkId, userId } = attempt;
    const start = await startOf(this.db, walkId);
    const hour = start && hourOf(start.startedAt);
    const stored = await this.db.prisma.walkWeather.findUnique({ where: { walkId } });
    if (stored && stored.observedAt.getTime() === hour?.getTime()) return;
    if (stored) await this.forget({ walkId, userId });
    if (!start || !hour || !this.kma.isConfigured || !hasWeather(start)) return;
    if (this.clock.nowMs() - hour.getTime() > TOLD_FOR_MS) return;

    const cell = toGrid(start);
    let nowcast: Nowcast;
    try {
      nowcast = await this.nowcastOf(cell, hour);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      return this.tryLater(attempt, error);
    }
    await this.air.refresh();
    const nearby = await this.air.near(start);
    await this.db.transaction(async (tx) => {
      const isNews = await storeWalkWeather(tx, walkId, {
        ...nowcast,
        observedAt: hour,
        pm10: valueAround(nearby, 'pm10', start.startedAt),
        pm25: valueAround(nearby, 'pm25', start.startedAt),
      });
      if (isNews) await this.queue.record(tx, walkSurroundingsLearnt, { walkId, userId });
    });
  }

  private async nowcastOf(cell: Cell, hour: Date): Promise<Nowcast> {
    const known = (await this.cells.find(cell))?.nowcast;
    if (known && Date.parse(known.baseAt) === hour.getTime()) return known;
    return this.kma.slot('nowcast', cell, hour, KMA_CALLS_A_DAY_OF_JOBS);
  }

  private async tryLater({ attempt, ...fact }: Attempt, { isForToday }: ProviderError): Promise<void> {
    const minutes = AGAIN_AFTER_MIN[attempt];
    if (minutes === undefined) return;
    const now = this.clock.now();
    const runAt = isForToday
      ? new Date(kstMidnight(addDays(kstDate(now), 1)).getTime() + AFTER_MIDNIGHT_MS)
      : new Date(now.getTime() + minutes * 60_000);
    await this.db.transaction((tx) =>
      this.queue.enqueue(tx, askAgain, { ...fact, attempt: attempt + 1 }, { runAt }),
    );
  }

  private async forget(fact: WalkFact): Promise<void> {
    await this.db.transaction(async (tx) => {
      const { count } = await tx.prisma.walkWeather.deleteMany({ where: { walkId: fact.walkId } });
      if (count > 0) await this.queue.record(tx, walkSurroundingsLearnt, fact);
    });
  }
}
