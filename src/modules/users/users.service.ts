import { Injectable } from '@nestjs/common';
import type { Prisma } from '../../generated/prisma/client.js';
import { NotificationType } from '../../generated/prisma/enums.js';
import { Clock } from '../../platform/clock/clock.js';
import { kstDate } from '../../platform/clock/kst.js';
import { Database } from '../../platform/database/database.js';
import { Queue } from '../../platform/queue/queue.js';
import { deletionScheduledAt } from './account-state.js';
import { consentsNeeded } from './terms.js';
import { regionUnknown, userNotFound } from './users.errors.js';
import { profileOpened } from './users.events.js';
import { accountOf, knownRegionCode, lockProfile, lockUser, profileOf } from './users.queries.js';
import type { HomeRegion, Me, MePatch, MySettings, MySettingsPatch, PublicProfile } from './users.schemas.js';

/** 시군구: the first digits of an administrative-dong code. Strangers learn no more of where somebody lives. */
const GU_CODE_LENGTH = 5;

const TYPES = Object.values(NotificationType);

const SETTINGS = {
  profileVisibility: true,
  defaultWalkVisibility: true,
  locale: true,
  rankingOptedOutAt: true,
  mutedNotifications: true,
} satisfies Prisma.UserSelect;

@Injectable()
export class Users {
  constructor(
    private readonly db: Database,
    private readonly queue: Queue,
    private readonly clock: Clock,
  ) {}

  async me(userId: string): Promise<Me> {
    const row = await accountOf(this.db, userId);
    if (!row) throw userNotFound();
    const { newestConsents, deletionRequestedAt, ...me } = row;
    return {
      ...me,
      consentsNeeded: consentsNeeded(newestConsents),
      deletionScheduledAt: deletionScheduledAt(deletionRequestedAt),
    };
  }

  async updateMe(userId: string, patch: MePatch): Promise<Me> {
    await this.db.prisma.user.update({ where: { id: userId }, data: patch, select: { id: true } });
    return this.me(userId);
  }

  /** An old code becomes that of today. @throws region-unknown */
  async setRegion(userId: string, { code }: HomeRegion): Promise<Me> {
    const regionCode = await knownRegionCode(this.db, code);
    if (!regionCode) throw regionUnknown();
    await this.db.prisma.user.update({ where: { id: userId }, data: { regionCode }, select: { id: true } });
    return this.me(userId);
  }

  async settings(userId: string): Promise<MySettings> {
    const row = await this.db.prisma.user.findUnique({ where: { id: userId }, select: SETTINGS });
    if (!row) throw userNotFound();
    return settingsOf(row);
  }

  async updateSettings(
    userId: string,
    { showInRankings, notifications = {}, ...plain }: MySettingsPatch,
  ): Promise<MySettings> {
    return this.db.transaction(async (tx) => {
      if (plain.profileVisibility) await lockProfile(tx, userId); // no request is left behind that nobody accepts
      await lockUser(tx, userId); // two switches flipped at once are both flipped
      const before = await tx.prisma.user.findUniqueOrThrow({ where: { id: userId }, select: SETTINGS });
      const row = await tx.prisma.user.update({
        where: { id: userId },
        data: {
          ...plain,
          rankingOptedOutAt:
            showInRankings === undefined
              ? undefined
              : showInRankings
                ? null
                : (before.rankingOptedOutAt ?? this.clock.now()),
          mutedNotifications: TYPES.filter(
            (type) => !(notifications[type] ?? !before.mutedNotifications.includes(type)),
          ),
        },
        select: SETTINGS,
      });
      if (before.profileVisibility === 'private' && row.profileVisibility === 'public')
        await this.queue.record(tx, profileOpened, { userId });
      return settingsOf(row);
    });
  }

  /** What one user sees of another. */
  async profile(viewerId: string, userId: string): Promise<PublicProfile> {
    const row = await profileOf(this.db, viewerId, userId);
    if (!row) throw userNotFound();
    const { isOpen, bio, regionCode, createdAt, followers, following, ...always } = row;
    if (!isOpen) return always;
    return {
      ...always,
      ...{ bio, followers, following },
      regionCode: regionCode && regionCode.slice(0, GU_CODE_LENGTH),
      createdAt: kstDate(createdAt),
    };
  }
}

function settingsOf({
  rankingOptedOutAt,
  mutedNotifications,
  ...plain
}: Prisma.UserGetPayload<{ select: typeof SETTINGS }>): MySettings {
  const switches = TYPES.map((type) => [type, !mutedNotifications.includes(type)] as const);
  return {
    ...(plain as Pick<MySettings, keyof typeof plain>),
    showInRankings: rankingOptedOutAt === null,
    notifications: Object.fromEntries(switches) as MySettings['notifications'],
  };
}
