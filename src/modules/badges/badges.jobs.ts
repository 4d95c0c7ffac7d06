import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { NIL } from 'uuid';
import { Clock } from '../../platform/clock/clock.js';
import { addDays, kstDate } from '../../platform/clock/kst.js';
import { sha256 } from '../../platform/crypto/secrets.js';
import { Database } from '../../platform/database/database.js';
import { defineJob, Handles, Reacts } from '../../platform/queue/job.js';
import { Queue } from '../../platform/queue/queue.js';
import type { Slot } from '../../platform/queue/schedule.js';
import { walkChanged, walkCompleted, type WalkFact, walkSurroundingsLearnt } from '../walks/index.js';
import { Awards } from './awards.service.js';
import { BADGES } from './badge-table.js';
import { seedDefinitions, walkersAfter } from './badges.queries.js';
import { Deadlines } from './deadlines.service.js';

/** Users looked at by one job of a back-fill; the next job goes on from there, also after a crash. */
const BACK_FILL_PAGE = 100;

/** Of which table of badges: while versions change, a process of the other one leaves the job alone. */
export const TABLE = Buffer.from(
  sha256(BADGES.map(({ code, target }) => `${code} ${target}`).join()),
).toString('hex');

const backFill = defineJob<{ after: string; table: string }>('badges.back-fill', { expireInS: 900 });
export const tellSeasonDeadlines = defineJob<Slot>('badges.season-deadlines', { expireInS: 900 });

@Injectable()
export class BadgeJobs implements OnApplicationBootstrap {
  constructor(
    private readonly db: Database,
    private readonly queue: Queue,
    private readonly awards: Awards,
    private readonly deadlines: Deadlines,
    private readonly clock: Clock,
  ) {}

  /** The definitions follow the code; what a new rule finds in old walks is given by a job. */
  async onApplicationBootstrap(): Promise<void> {
    await this.queue.start();
    await this.db.transaction(async (tx) => {
      const isIntroduced = await seedDefinitions(tx, this.clock.now());
      if (isIntroduced && (await walkersAfter(tx, NIL, 1)).length > 0)
        await this.queue.enqueue(tx, backFill, { after: NIL, table: TABLE });
    });
  }

  @Reacts('badges', walkCompleted, walkChanged)
  async follow(fact: WalkFact): Promise<void> {
    await this.awards.follow(fact);
  }

  /** Its weather or its region: where it went is known. */
  @Reacts('badges', walkSurroundingsLearnt)
  async followSurroundings(fact: WalkFact): Promise<void> {
    await this.awards.follow(fact, { isTrackNew: false });
  }

  @Handles(backFill)
  async backFill({ after, table }: { after: string; table: string }): Promise<void> {
    if (table !== TABLE) throw new Error('A back-fill for the badges of another version');
    const users = await walkersAfter(this.db, after, BACK_FILL_PAGE);
    for (const userId of users) await this.awards.review(userId);
    const last = users.at(-1);
    if (last) await this.db.transaction((tx) => this.queue.enqueue(tx, backFill, { after: last, table }));
  }

  /** The slot of another day says nothing about today. */
  @Handles(tellSeasonDeadlines)
  async tellDeadlines({ slotAt }: Slot): Promise<void> {
    const today = kstDate(this.clock.now());
    if (kstDate(new Date(slotAt)) === today) await this.deadlines.tell(today, addDays(today, 1));
  }
}
