import { Module } from '@nestjs/common';
import { WalksModule } from '../walks/index.js';
import { KakaoLocal } from './kakao-local.js';
import { RegionsController } from './regions.controller.js';
import { Regions } from './regions.service.js';
import { WalkRegionJobs } from './walk-regions.jobs.js';

@Module({
  imports: [WalksModule],
  controllers: [RegionsController],
  providers: [KakaoLocal, Regions, WalkRegionJobs],
  exports: [KakaoLocal],
})
export class RegionsModule {}
