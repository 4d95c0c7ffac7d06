import { Module } from '@nestjs/common';
import { Recording } from './recording.service.js';
import { StatisticsController } from './statistics.controller.js';
import { Statistics } from './statistics.service.js';
import { WalksController } from './walks.controller.js';
import { WalkJobs } from './walks.jobs.js';
import { Walks } from './walks.service.js';

@Module({
  controllers: [WalksController, StatisticsController],
  providers: [Recording, Walks, Statistics, WalkJobs],
  exports: [Walks],
})
export class WalksModule {}
