import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { Reacts } from '../../platform/queue/job.js';
import { meetupHeld } from '../meetups/index.js';
import { userFollowed } from '../people/index.js';
import { walkCommented, walkLiked } from '../social/index.js';
import { roomEnded } from '../together/index.js';
import { Awards } from './awards.service.js';

/** What people do with each other brings badges to those whom it happens to. These are never taken back. */
@Injectable()
export class SocialBadgeJobs {
  constructor(
    private readonly db: Database,
    private readonly awards: Awards,
  ) {}

  @Reacts('badges', userFollowed)
  async followed({ followerId, followeeId }: { followerId: string; followeeId: string }): Promise<void> {
    await this.awards.seek(followerId, ['first_follow']);
    await this.awards.seek(followeeId, ['followers_10']);
  }

  @Reacts('badges', walkLiked)
  async liked({ walkId }: { walkId: string }): Promise<void> {
    const walk = await this.db.prisma.walk.findUnique({ where: { id: walkId }, select: { userId: true } });
    if (walk) await this.awards.seek(walk.userId, ['likes_received_50']);
  }

  @Reacts('badges', walkCommented)
  async commented({ userId }: { userId: string }): Promise<void> {
    await this.awards.seek(userId, ['comments_10']);
  }

  @Reacts('badges', roomEnded)
  async walkedTogether({ roomId }: { roomId: string }): Promise<void> {
    const members = await this.db.prisma.roomMember.findMany({
      where: { roomId, consentedAt: { not: null } },
      select: { userId: true },
    });
    for (const { userId } of members) await this.awards.seek(userId, ['together_1', 'together_10']);
  }

  @Reacts('badges', meetupHeld)
  async met({ meetupId }: { meetupId: string }): Promise<void> {
    const people = await this.db.prisma.meetupParticipant.findMany({
      where: { meetupId },
      select: { userId: true },
    });
    for (const { userId } of people) await this.awards.seek(userId, ['meetup_host_1', 'meetup_join_5']);
  }
}
