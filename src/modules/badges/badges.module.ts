import { Module } from '@nestjs/common';
import { NotificationsModule } from '../notifications/index.js';
import { Awards } from './awards.service.js';
import { BadgesController } from './badges.controller.js';
import { BadgeJobs } from './badges.jobs.js';
import { Badges } from './badges.service.js';
import { Deadlines } from './deadlines.service.js';
import { SocialBadgeJobs } from './social-badges.jobs.js';

@Module({
  imports: [NotificationsModule],
  controllers: [BadgesController],
  providers: [Awards, Badges, Deadlines, BadgeJobs, SocialBadgeJobs],
})
export class BadgesModule {}
