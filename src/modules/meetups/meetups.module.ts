import { Module } from '@nestjs/common';
import { NotificationsModule } from '../notifications/index.js';
import { TogetherModule } from '../together/index.js';
import { MeetupsController } from './meetups.controller.js';
import { MeetupJobs } from './meetups.jobs.js';
import { Meetups } from './meetups.service.js';
import { Participations } from './participations.service.js';

@Module({
  imports: [NotificationsModule, TogetherModule],
  controllers: [MeetupsController],
  providers: [Meetups, Participations, MeetupJobs],
  exports: [Meetups],
})
export class MeetupsModule {}
