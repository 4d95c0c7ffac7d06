import { Injectable } from '@nestjs/common';
import type { UserBadge } from '../../generated/prisma/client.js';
import { Clock } from '../../platform/clock/clock.js';
import { kstDate } from '../../platform/clock/kst.js';
import { Database, type Transaction } from '../../platform/database/database.js';
import { Notifications } from '../notifications/index.js';
import { lockUser } from '../users/index.js';
import type { WalkFact } from '../walks/index.js';
import { earnedText } from './badge-texts.js';
import { factsOf, refreshPlaces } from './badges.queries.js';
import type { Facts } from './facts.js';
import { isTakenBack, type Reached, reachedOf } from './progress-rules.js';

/** Gives and takes back badges. Whatever runs twice, late or at once, what is stored follows from what there is. */
@Injectable()
export class Awards {
  constructor(
    private readonly db: Database,
    private readonly notifications: Notifications,
    private readonly clock: Clock,
  ) {}

  /** What a walk brought, or took away. */
  async follow({ walkId, userId }: WalkFact, { isTrackNew = true } = {}): Promise<void> {
    await this.db.transaction(async (tx) => {
      await lockUser(tx, userId);
      await this.settle(tx, userId, { isNews: true, walkId, isTrackNew });
    });
  }

  /** What came about between people. Who has all of these badges is not looked at again. */
  async seek(userId: string, codes: readonly string[]): Promise<void> {
    const earned = await this.db.prisma.userBadge.count({ where: { userId, code: { in: [...codes] } } });
    if (earned === codes.length) return;
    await this.db.transaction(async (tx) => {
      await lockUser(tx, userId);
      await this.settle(tx, userId, { isNews: true });
    });
  }

  /** What the user's walks are worth by the rules of today. */
  async review(userId: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      await lockUser(tx, userId);
      await this.settle(tx, userId, { isNews: false });
    });
  }

  private async settle(
    tx: Transaction,
    userId: string,
    { isNews, walkId, isTrackNew = false }: Cause,
  ): Promise<void> {
    await refreshPlaces(tx, userId, (isTrackNew && walkId) || null);
    const now = this.clock.now();
    const facts = await factsOf(tx, userId, kstDate(now));
    const reached = reachedOf(facts);
    const earned = await tx.prisma.userBadge.findMany({ where: { userId } });

    for (const badge of earned) if (isTakenBack(badge, facts, reached, now)) await this.takeBack(tx, badge);
    const isNew = ({ definition, year }: Reached) =>
      !earned.some((badge) => badge.code === definition.code && badge.year === year);
    const awarded = reached.filter(isNew);
    if (awarded.length === 0) return;
    tx.tally('badge-awarded', awarded.length);
    await tx.prisma.userBadge.createMany({
      data: awarded.map(({ definition: { code }, year, walkIds }) => ({
        userId,
        code,
        year,
        walkIds,
        earnedAt: now,
      })),
    });
    const stored = await tx.prisma.badgeDefinition.findMany({ select: { code: true, introducedAt: true } });
    const introducedAt = new Map(stored.map((definition) => [definition.code, definition.introducedAt]));
    for (const badge of awarded) {
      if (isOlderThan(introducedAt.get(badge.definition.code)!, badge, facts)) continue;
      if (!isNews && badge.walkIds.length === 0) continue; // nothing says that it is new
      await this.announce(tx, userId, badge, walkId);
    }
  }

  /**
   * What was pushed already stays in the inbox, and its key with it: earned again, the badge is not pushed again.
   * (A push is claimed under the user's lock, which is held here.)
   */
  private async takeBack(tx: Transaction, { userId, code, year }: UserBadge): Promise<void> {
    await tx.prisma.userBadge.delete({ where: { userId_code_year: { userId, code, year } } });
    const dedupeKey = earnedKey(code, year);
    const pushed = await tx.prisma.notification.count({ where: { userId, dedupeKey, pushState: 'sent' } });
    if (pushed === 0) await this.notifications.retract(tx, userId, dedupeKey);
  }

  private async announce(
    tx: Transaction,
    userId: string,
    { definition, year, walkIds }: Reached,
    causeWalkId: string | undefined,
  ): Promise<void> {
    const walkId = walkIds.at(-1);
    await this.notifications.notify(tx, {
      userId,
      type: 'badge_earned',
      dedupeKey: earnedKey(definition.code, year),
      ...earnedText(definition),
      data: { badgeCode: definition.code, year: String(year), ...(walkId && { walkId }) },
      groupKey: causeWalkId && `badges:${causeWalkId}`,
      walkId,
    });
  }
}

interface Cause {
  /** False for a back-fill. */
  isNews: boolean;
  walkId?: string;
  /** Whether the places of that walk are to be made anew; those of others only where they are missing. */
  isTrackNew?: boolean;
}

const earnedKey = (code: string, year: number) => `badge:${code}:${year}`;

/** All of its walks were completed before the rule was introduced: given silently. */
function isOlderThan(introducedAt: Date, { walkIds }: Reached, { walks }: Facts): boolean {
  return (
    walkIds.length > 0 &&
    walks.every(({ id, completedAt }) => completedAt < introducedAt || !walkIds.includes(id))
  );
}
