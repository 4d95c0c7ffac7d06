import { Module } from '@nestjs/common';
import { NotificationsModule } from '../notifications/index.js';
import { Comments } from './comments.service.js';
import { Feed } from './feed.service.js';
import { Likes } from './likes.service.js';
import { SocialController } from './social.controller.js';
import { SocialJobs } from './social.jobs.js';

@Module({
  imports: [NotificationsModule],
  controllers: [SocialController],
  providers: [Likes, Comments, Feed, SocialJobs],
  exports: [Comments],
})
export class SocialModule {}
