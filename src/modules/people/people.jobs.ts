import { Injectable } from '@nestjs/common';
import { Reacts } from '../../platform/queue/job.js';
import { profileOpened } from '../users/index.js';
import { FollowRequests } from './follow-requests.service.js';

@Injectable()
export class PeopleJobs {
  constructor(private readonly requests: FollowRequests) {}

  @Reacts('people', profileOpened)
  async acceptWaiting({ userId }: { userId: string }): Promise<void> {
    await this.requests.approveAll(userId);
  }
}
