import { Injectable } from '@nestjs/common';
import { defineJob, Handles, Reacts } from '../../platform/queue/job.js';
import type { Slot } from '../../platform/queue/schedule.js';
import { userBlocked } from '../people/index.js';
import { Invitations } from './invitations.service.js';

export const expireInvitations = defineJob<Slot>('invitations.expire');

@Injectable()
export class InvitationJobs {
  constructor(private readonly invitations: Invitations) {}

  @Handles(expireInvitations)
  async expire(): Promise<void> {
    while (await this.invitations.expireDue());
  }

  @Reacts('invitations', userBlocked)
  async cancelBetween({ blockerId, blockedId, at }: { blockerId: string; blockedId: string; at: string }) {
    await this.invitations.cancelBetween([blockerId, blockedId], new Date(at));
  }
}
