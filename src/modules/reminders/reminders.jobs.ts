import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { kstDate, kstHour } from '../../platform/clock/kst.js';
import { Database } from '../../platform/database/database.js';
import { defineJob, Handles } from '../../platform/queue/job.js';
import type { Slot } from '../../platform/queue/schedule.js';
import { Notifications } from '../notifications/index.js';
import { asSubject } from './particle-rules.js';
import { findWaiting } from './reminders.queries.js';

const HOUR_MS = 3_600_000;
/** A reminder that comes later than this is for the next day. */
const SLOT_HOLDS_MS = HOUR_MS;
const STALE_AFTER_MS = 2 * HOUR_MS;
/** It goes over the walks of everybody. */
const SEARCH_TIMEOUT_MS = 120_000;
/** Notes written in one transaction. */
const BATCH = 100;

export const remindOfWalks = defineJob<Slot>('reminders.walk', { expireInS: 900 });

@Injectable()
export class ReminderJobs {
  constructor(
    private readonly db: Database,
    private readonly notifications: Notifications,
    private readonly clock: Clock,
  ) {}

  /** At the hour at which somebody usually sets out, once a day. */
  @Handles(remindOfWalks)
  async remind({ slotAt }: Slot): Promise<void> {
    const slot = new Date(slotAt);
    const now = this.clock.now();
    if (now.getTime() - slot.getTime() > SLOT_HOLDS_MS) return;
    const today = kstDate(slot);
    const staleAt = new Date(slot.getTime() + STALE_AFTER_MS);
    const waiting = await this.db.transaction((tx) => findWaiting(tx, today, kstHour(slot), now), {
      timeoutMs: SEARCH_TIMEOUT_MS,
    });
    for (let i = 0; i < waiting.length; i += BATCH) {
      await this.db.transaction(async (tx) => {
        for (const { userId, petName } of waiting.slice(i, i + BATCH)) {
          await this.notifications.notify(tx, {
            userId,
            type: 'walk_reminder',
            dedupeKey: `walk_reminder:${today}`,
            title: { ko: '산책 갈 시간이에요', en: 'Time for a walk' },
            body: { ko: `${asSubject(petName)} 산책을 기다려요.`, en: `${petName} is waiting for a walk.` },
            staleAt,
          });
        }
      });
    }
  }
}
