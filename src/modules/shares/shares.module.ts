import { Module } from '@nestjs/common';
import { WalksModule } from '../walks/index.js';
import { Cards } from './cards.service.js';
import { SharePagesController } from './share-pages.controller.js';
import { SharesController } from './shares.controller.js';
import { ShareJobs } from './shares.jobs.js';
import { Shares } from './shares.service.js';

@Module({
  imports: [WalksModule],
  controllers: [SharesController, SharePagesController],
  providers: [Cards, Shares, ShareJobs],
})
export class SharesModule {}
