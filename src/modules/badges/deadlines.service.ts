import { Injectable } from '@nestjs/common';
import { kstMidnight } from '../../platform/clock/kst.js';
import { Database } from '../../platform/database/database.js';
import { Notifications } from '../notifications/index.js';
import { BADGES, type BadgeDefinition } from './badge-table.js';
import { deadlineText } from './badge-texts.js';
import { seasonCandidates } from './badges.queries.js';
import { DEADLINE_DAYS, type SeasonDates, seasonThatEndsIn } from './season-rules.js';

/** Who has come so far is reminded of the end. */
const MIN_PERCENT = 30;
/** Notes written in one transaction. */
const BATCH = 100;
const SEARCH_TIMEOUT_MS = 120_000;

@Injectable()
export class Deadlines {
  constructor(
    private readonly db: Database,
    private readonly notifications: Notifications,
  ) {}

  /** Tells of the seasons that end in 7, 3 or 1 days; telling twice is telling once. */
  async tell(today: string, tomorrow: string): Promise<void> {
    const staleAt = kstMidnight(tomorrow);
    for (const definition of BADGES) {
      for (const days of definition.season ? DEADLINE_DAYS : []) {
        const dates = seasonThatEndsIn(definition.season!, today, days);
        if (dates) await this.tellOf(definition, dates, days, staleAt);
      }
    }
  }

  private async tellOf(definition: BadgeDefinition, dates: SeasonDates, days: number, staleAt: Date) {
    const candidates = await this.db.transaction(
      (tx) => seasonCandidates(tx, definition, dates, MIN_PERCENT),
      { timeoutMs: SEARCH_TIMEOUT_MS },
    );
    for (let i = 0; i < candidates.length; i += BATCH) {
      await this.db.transaction(async (tx) => {
        for (const { userId, walks } of candidates.slice(i, i + BATCH)) {
          await this.notifications.notify(tx, {
            userId,
            type: 'season_deadline',
            dedupeKey: `season_deadline:${definition.code}:${dates.year}:${days}`,
            ...deadlineText(definition, definition.target - walks, days),
            data: { badgeCode: definition.code, year: String(dates.year) },
            staleAt,
          });
        }
      });
    }
  }
}
