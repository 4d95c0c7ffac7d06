import { Module } from '@nestjs/common';
import { MeetupsModule } from '../meetups/index.js';
import { NotificationsModule } from '../notifications/index.js';
import { PhotosModule } from '../photos/index.js';
import { SocialModule } from '../social/index.js';
import { WalksModule } from '../walks/index.js';
import { Accounts } from './accounts.service.js';
import { AdminController } from './admin.controller.js';
import { Desk } from './desk.service.js';
import { Hiding } from './hiding.js';
import { JobsController } from './jobs.controller.js';
import { ScheduledJobs } from './jobs.service.js';
import { ReportsController } from './reports.controller.js';
import { Reports } from './reports.service.js';

@Module({
  imports: [NotificationsModule, WalksModule, SocialModule, MeetupsModule, PhotosModule],
  controllers: [ReportsController, AdminController, JobsController],
  providers: [Reports, Desk, Accounts, Hiding, ScheduledJobs],
})
export class ModerationModule {}
