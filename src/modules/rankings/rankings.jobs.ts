import { Injectable } from '@nestjs/common';
import type { RankingScope } from '../../generated/prisma/enums.js';
import { Clock } from '../../platform/clock/clock.js';
import { kstDate } from '../../platform/clock/kst.js';
import { Database } from '../../platform/database/database.js';
import type { Localized } from '../../platform/http/problem.js';
import { defineJob, Handles } from '../../platform/queue/job.js';
import { Queue } from '../../platform/queue/queue.js';
import type { Slot } from '../../platform/queue/schedule.js';
import { isQuiet, type Note, Notifications, quietEndsAt } from '../notifications/index.js';
import { refreshBoards, type TopTenChange, topTenChangesOf, weekTakenAt } from './rankings.queries.js';

const PERIODS = ['week', 'month', 'all', 'quarter'] as const;
const REFRESH_TIMEOUT_MS = 600_000;
/** A rank of this morning is no news in the evening. */
const CHANGE_STALE_MS = 6 * 3_600_000;
const NOTES_PER_TRANSACTION = 200;

export const refreshRankings = defineJob<Slot>('rankings.refresh', { expireInS: 3_000 });
const tellTopTen = defineJob<{ snapshotId: number }>('rankings.tell-top-ten', { expireInS: 900 });

@Injectable()
export class RankingJobs {
  constructor(
    private readonly db: Database,
    private readonly queue: Queue,
    private readonly notifications: Notifications,
    private readonly clock: Clock,
  ) {}

  /** Boards are of the time at which the totals are read, however late the slot: what is due is closed then. */
  @Handles(refreshRankings)
  async refresh(): Promise<void> {
    for (const period of PERIODS) {
      await this.db.transaction(
        async (tx) => {
          const now = this.clock.now();
          const appliedUntil = await this.queue.oldestWaiting(tx, 'totals');
          await refreshBoards(tx, period, { now, appliedUntil });
          const snapshotId = period === 'week' ? await weekTakenAt(tx, now) : null;
          if (snapshotId) await this.queue.enqueue(tx, tellTopTen, { snapshotId });
        },
        { timeoutMs: REFRESH_TIMEOUT_MS },
      );
    }
  }

  @Handles(tellTopTen)
  async tellChanges({ snapshotId }: { snapshotId: number }): Promise<void> {
    const changes = await this.db.transaction((tx) => topTenChangesOf(tx, snapshotId), {
      timeoutMs: REFRESH_TIMEOUT_MS,
    });
    for (let from = 0; from < changes.length; from += NOTES_PER_TRANSACTION) {
      await this.db.transaction(async (tx) => {
        for (const change of changes.slice(from, from + NOTES_PER_TRANSACTION))
          await this.notifications.notify(tx, noteOf(change));
      });
    }
  }
}

const BOARD_NAMES: Record<RankingScope, Localized> = {
  nation: { ko: '전국', en: 'the nationwide' },
  gu: { ko: '우리 구', en: 'your gu’s' },
  dong: { ko: '우리 동', en: 'your dong’s' },
};

/** One a day, whatever changes again: the day is in its key. */
function noteOf({ userId, scope, rank, isIn, takenAt }: TopTenChange): Note {
  const board = BOARD_NAMES[scope];
  return {
    userId,
    type: 'ranking_change',
    dedupeKey: `ranking_change:${kstDate(takenAt)}`,
    title: isIn
      ? { ko: '랭킹 10위 안에 들었어요 🎉', en: 'You made the top 10 🎉' }
      : { ko: '순위가 조금 밀렸어요', en: 'Someone walked past you' },
    body: isIn
      ? {
          ko: `${board.ko} 주간 랭킹 ${rank}위에 올랐어요!`,
          en: `You are number ${rank} in ${board.en} weekly ranking!`,
        }
      : {
          ko: `${board.ko} 주간 랭킹 ${rank}위가 되었어요. 한 바퀴 더 걸어 볼까요?`,
          en: `You are now number ${rank} in ${board.en} weekly ranking. Up for one more round?`,
        },
    data: { period: 'week', scope, metric: 'distance' },
    staleAt: new Date((isQuiet(takenAt) ? quietEndsAt(takenAt) : takenAt).getTime() + CHANGE_STALE_MS),
  };
}
