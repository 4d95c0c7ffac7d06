import { Module } from '@nestjs/common';
import { StreaksController } from './streaks.controller.js';
import { TotalsJobs } from './totals.jobs.js';

@Module({ controllers: [StreaksController], providers: [TotalsJobs] })
export class TotalsModule {}
