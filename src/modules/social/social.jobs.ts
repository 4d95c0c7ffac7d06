import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { Reacts } from '../../platform/queue/job.js';
import { walkChanged, type WalkFact } from '../walks/index.js';

@Injectable()
export class SocialJobs {
  constructor(private readonly db: Database) {}

  /** Nobody reaches what others said to a deleted walk any more, not even to take it back. */
  @Reacts('social', walkChanged)
  async forgetDeleted({ walkId }: WalkFact): Promise<void> {
    const ofDeleted = { walkId, walk: { state: 'deleted' } } as const;
    await this.db.prisma.walkLike.deleteMany({ where: ofDeleted });
    await this.db.prisma.walkComment.deleteMany({ where: ofDeleted });
  }
}
