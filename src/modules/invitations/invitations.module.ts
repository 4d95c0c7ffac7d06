import { Module } from '@nestjs/common';
import { NotificationsModule } from '../notifications/index.js';
import { TogetherModule } from '../together/index.js';
import { InvitationJobs } from './invitations.jobs.js';
import { InvitationsController } from './invitations.controller.js';
import { Invitations } from './invitations.service.js';

@Module({
  imports: [NotificationsModule, TogetherModule],
  controllers: [InvitationsController],
  providers: [Invitations, InvitationJobs],
  exports: [Invitations],
})
export class InvitationsModule {}
