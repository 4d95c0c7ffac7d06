import { Module } from '@nestjs/common';
import { ShieldJobs } from './shields.jobs.js';
import { StreaksController } from './streaks.controller.js';
import { TotalsJobs } from './totals.jobs.js';

@Module({ controllers: [StreaksController], providers: [TotalsJobs, ShieldJobs] })
export class TotalsModule {}
