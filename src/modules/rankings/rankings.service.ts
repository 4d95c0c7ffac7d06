import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { CONFIG, type Config } from '../../config/config.js';
import type { RankingMetric } from '../../generated/prisma/enums.js';
import { Clock } from '../../platform/clock/clock.js';
import { addDays, kstDate } from '../../platform/clock/kst.js';
import { keysOf } from '../../platform/crypto/secrets.js';
import { Database } from '../../platform/database/database.js';
import {
  invalidCursor,
  page,
  pageBy,
  readCursor,
  readCursorAs,
  sealCursor,
  unsealCursor,
  writeCursorOf,
} from '../../platform/http/pagination.js';
import { requirePremium } from '../entitlement/index.js';
import { periodOf } from '../walks/index.js';
import { historyOf } from './history.queries.js';
import { homeRegionNeeded } from './rankings.errors.js';
import { boardOf, hallOf, rankedTotalOf, rankedWalksOf } from './rankings.queries.js';
import type {
  BoardQuery,
  BoardView,
  HallQuery,
  HallView,
  HistoryQuery,
  WhyQuery,
} from './rankings.schemas.js';

/**
 * Which board, its snapshot, and value and user of the last row: a page continues on what it began on. Sealed, as the
 * exact value is nobody else's to know, and as a cursor made up for somebody would tell whether they are there.
 */
const boardCursor = z.tuple([z.string(), z.int(), z.int(), z.uuid()]);
const hallCursor = z.tuple([z.uuid()]);
const historyCursor = z.tuple([z.iso.date()]);

@Injectable()
export class Rankings {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * The running period and the one before it are for everybody, older ones for premium.
   * @throws home-region-needed for the board of a dong or gu; validation-failed for a cursor whose snapshot is gone;
   *   premium-required
   */
  async board(viewerId: string, query: BoardQuery): Promise<BoardView> {
    const { period, scope, metric, cursor, limit } = query;
    const keys = keysOf(this.config);
    const name = `${period} ${scope} ${metric}`;
    const read = unsealCursor(boardCursor, cursor, keys);
    if (read && read[0] !== name) throw invalidCursor();
    const { snapshotId, items, members, shown, rank, formerRank, value, optedOut, ...board } = await boardOf(
      this.db,
      {
        ...{ viewerId, period, scope, metric, date: this.dateOf(query), count: limit + 1 },
        after: read && { snapshotId: read[1], value: read[2], userId: read[3] },
      },
    );
    if (scope !== 'nation' && !board.regionCode) throw homeRegionNeeded();
    if (read && snapshotId === null) throw invalidCursor();
    await this.checkLock(viewerId, period, board.startsOn);
    const listed = pageBy(shown ? items : [], limit, (last) =>
      sealCursor([name, snapshotId, last.value, last.userId], keys[0]),
    );
    return {
      ...{ period, scope, metric, ...board, shown },
      members: shown ? members : null,
      me: { rank: shown ? rank : null, formerRank: shown ? formerRank : null, value, optedOut },
      items: listed.items.map(({ userId, nickname, ...item }) => ({
        ...item,
        value: userId === viewerId ? item.value : roundedFor(metric, item.value),
        user: userOf(userId, nickname),
        isMe: userId === viewerId,
      })),
      nextCursor: listed.nextCursor,
    };
  }

  /** The walks that my value is made of, and why others are not in it, as the walks stand today. */
  async why(viewerId: string, query: WhyQuery) {
    const { period, metric, cursor, limit } = query;
    const asked = { viewerId, period, metric, date: this.dateOf(query) };
    const after = readCursor(cursor);
    const [rows, total] = [
      await rankedWalksOf(this.db, asked, after, limit + 1),
      await rankedTotalOf(this.db, asked),
    ];
    const walks = page(rows, limit, ({ startedAt, id }) => ({ at: startedAt, id }));
    return {
      ...{ period, metric, ...total },
      items: walks.items.map(({ id, ...walk }) => ({ walkId: id, ...walk })),
      nextCursor: walks.nextCursor,
    };
  }

  /** The viewer's own place in the closed periods. */
  async history(viewerId: string, { period, scope, metric, cursor, limit }: HistoryQuery) {
    const [before] = readCursorAs(historyCursor, cursor) ?? [];
    const asked = { viewerId, period, scope, metric, before: before ?? null, count: limit + 1 };
    const rows = await historyOf(this.db, asked);
    return { period, scope, metric, ...pageBy(rows, limit, ({ startsOn }) => writeCursorOf([startsOn])) };
  }

  /** @throws home-region-needed for the hall of a dong or gu */
  async hallOfFame(viewerId: string, query: HallQuery): Promise<HallView> {
    const { period, scope, metric, cursor, limit } = query;
    const [afterId] = readCursorAs(hallCursor, cursor) ?? [];
    const asked = { viewerId, period, scope, metric, afterId: afterId ?? null, count: limit + 1 };
    const { regionCode, regionName, isCursorFound, items } = await hallOf(this.db, asked);
    if (scope !== 'nation' && !regionCode) throw homeRegionNeeded();
    if (afterId && !isCursorFound) throw invalidCursor();
    const listed = pageBy(items, limit, ({ id }) => writeCursorOf([id]));
    return {
      ...{ period, scope, metric, regionCode, regionName },
      items: listed.items.map(({ startsOn, rank, value, userId, nickname }) => ({
        ...{ startsOn, rank },
        value: userId === viewerId ? value : roundedFor(metric, value),
        user: userOf(userId, nickname),
      })),
      nextCursor: listed.nextCursor,
    };
  }

  private async checkLock(viewerId: string, period: BoardQuery['period'], startsOn: string): Promise<void> {
    const now = this.clock.now();
    const { from } = periodOf(period, kstDate(now));
    if (from === null || startsOn >= periodOf(period, addDays(from, -1)).from!) return;
    await requirePremium(this.db, viewerId, now, 'ranking-history');
  }

  private dateOf({ date }: { date?: string }): string {
    return date ?? kstDate(this.clock.now());
  }
}

const STEPS: Record<RankingMetric, number> = { distance: 100, walks: 1, moving_time: 60 };

/**
 * Others' values in full 100 m and minutes, as their walks are shown (P03): two takings of a board would else
 * tell the exact length of a walk, and with its visible part that of the hidden one.
 */
const roundedFor = (metric: RankingMetric, value: number): number => value - (value % STEPS[metric]);

/** Of an erased account, and of a private profile to those who do not follow it, there is no more than its place. */
const userOf = (id: string | null, nickname: string | null) =>
  id !== null && nickname !== null ? { id, nickname } : null;
