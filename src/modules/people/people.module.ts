import { Module } from '@nestjs/common';
import { NotificationsModule } from '../notifications/index.js';
import { Blocks } from './blocks.service.js';
import { FollowRequests } from './follow-requests.service.js';
import { Follows } from './follows.service.js';
import { PeopleController } from './people.controller.js';
import { PeopleJobs } from './people.jobs.js';

@Module({
  imports: [NotificationsModule],
  controllers: [PeopleController],
  providers: [Follows, FollowRequests, Blocks, PeopleJobs],
})
export class PeopleModule {}
