import { Module } from '@nestjs/common';
import { NotificationsModule } from '../notifications/index.js';
import { RankingsController } from './rankings.controller.js';
import { RankingJobs } from './rankings.jobs.js';
import { Rankings } from './rankings.service.js';

@Module({
  imports: [NotificationsModule],
  controllers: [RankingsController],
  providers: [Rankings, RankingJobs],
})
export class RankingsModule {}
