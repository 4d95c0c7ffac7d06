import { Module } from '@nestjs/common';
import { RecommendationsController } from './recommendations.controller.js';
import { RecommendationJobs } from './recommendations.jobs.js';
import { Recommendations } from './recommendations.service.js';

@Module({
  controllers: [RecommendationsController],
  providers: [Recommendations, RecommendationJobs],
})
export class RecommendationsModule {}
