import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { defineJob, Handles, Reacts } from '../../platform/queue/job.js';
import { Queue } from '../../platform/queue/queue.js';
import type { Slot } from '../../platform/queue/schedule.js';
import { userBlocked } from '../people/index.js';
import { meetupHeld } from './meetups.events.js';
import { closeBegunMeetupsOf } from './meetups.queries.js';
import { Participations } from './participations.service.js';

/** So long the job may have been down, and lose nothing; the closed ones of longer ago are not gone through. */
const CLOSING_LOOKS_BACK_MS = 7 * 86_400_000;
const CLOSED_AT_ONCE = 200;

export const closeBegunMeetups = defineJob<Slot>('meetups.close-begun');

@Injectable()
export class MeetupJobs {
  constructor(
    private readonly db: Database,
    private readonly queue: Queue,
    private readonly participations: Participations,
    private readonly clock: Clock,
  ) {}

  @Handles(closeBegunMeetups)
  async closeBegun(): Promise<void> {
    const now = this.clock.now();
    const due = { now, since: new Date(now.getTime() - CLOSING_LOOKS_BACK_MS), limit: CLOSED_AT_ONCE };
    for (let closed = CLOSED_AT_ONCE; closed === CLOSED_AT_ONCE;) {
      closed = await this.db.transaction(async (tx) => {
        const meetups = await closeBegunMeetupsOf(tx, due);
        for (const { id } of meetups.filter(({ isHeld }) => isHeld))
          await this.queue.record(tx, meetupHeld, { meetupId: id });
        return meetups.length;
      });
    }
  }

  @Reacts('meetups', userBlocked)
  async separate({ blockerId, blockedId, at }: { blockerId: string; blockedId: string; at: string }) {
    await this.participations.separate([blockerId, blockedId], at);
  }
}
