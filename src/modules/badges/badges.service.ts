import { Injectable } from '@nestjs/common';
import type { Prisma } from '../../generated/prisma/client.js';
import { Clock } from '../../platform/clock/clock.js';
import { kstDate } from '../../platform/clock/kst.js';
import { Database } from '../../platform/database/database.js';
import { userNotFound, userThereFor } from '../users/index.js';
import { BADGES, type BadgeDefinition } from './badge-table.js';
import { factsOf } from './badges.queries.js';
import type { BadgeProgress, EarnedBadges } from './badges.schemas.js';
import type { Facts } from './facts.js';
import { type EarnedBadge, ONCE, outcomeOf } from './progress-rules.js';
import { currentOrNextSeason, daysLeft } from './season-rules.js';

const EARNED = {
  profileVisibility: true,
  badges: {
    select: { code: true, year: true, earnedAt: true },
    orderBy: [{ earnedAt: 'desc' }, { definition: { position: 'asc' } }, { year: 'desc' }],
  },
} satisfies Prisma.UserSelect;

@Injectable()
export class Badges {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  /** All badges with the user's progress, which is derived anew; only earned ones are stored. */
  async list(userId: string): Promise<{ items: BadgeProgress[] }> {
    const today = kstDate(this.clock.now());
    const [facts, earned] = await Promise.all([
      factsOf(this.db, userId, today),
      this.db.prisma.userBadge.findMany({ where: { userId }, orderBy: { year: 'asc' } }),
    ]);
    return { items: BADGES.map((definition) => progressOf(definition, facts, earned, today)) };
  }

  /** What one user sees of another's badges: no walks, no times; of a closed profile none. @throws user-not-found */
  async of(viewerId: string, userId: string): Promise<EarnedBadges> {
    const there = await userThereFor(this.db, viewerId, userId);
    const user = there && (await this.db.prisma.user.findUnique({ where: { id: userId }, select: EARNED }));
    if (!user) throw userNotFound();
    const items = user.badges.flatMap(({ code, year, earnedAt }) => {
      const name = BADGES.find((definition) => definition.code === code)?.name.ko;
      return name ? [{ code, name, year: year === ONCE ? null : year, earnedOn: kstDate(earnedAt) }] : [];
    });
    return { isPrivate: user.profileVisibility === 'private', items: there.isOpen ? items : [] };
  }
}

/** A yearly badge shows the season that runs, or else the next one. */
function progressOf(
  definition: BadgeDefinition,
  facts: Facts,
  earnedBadges: readonly EarnedBadge[],
  today: string,
): BadgeProgress {
  const { code, category, name, description, unit, target } = definition;
  const dates = definition.season && currentOrNextSeason(definition.season, today);
  const year = dates?.year ?? ONCE;
  const ofCode = earnedBadges.filter((badge) => badge.code === code);
  const earned = ofCode.find((badge) => badge.year === year);
  const { value } = outcomeOf(definition, facts, year);
  const isFull = earned !== undefined || value >= target;
  return {
    code,
    category,
    name: name.ko,
    description,
    unit,
    target,
    value,
    progressPercent: isFull ? 100 : Math.floor((value * 100) / target),
    remaining: isFull ? 0 : target - value,
    state: earned ? 'earned' : value > 0 ? 'in_progress' : 'locked',
    earnedAt: earned?.earnedAt ?? null,
    walkIds: earned?.walkIds ?? [],
    season: dates ? { ...dates, daysLeft: dates.from <= today ? daysLeft(dates, today) : null } : null,
    earnedYears: dates ? ofCode.map((badge) => badge.year) : [],
  };
}
