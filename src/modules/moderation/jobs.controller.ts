import { Controller, Get, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { AskedBy, ForRole, type Viewer } from '../../platform/auth/viewer.js';
import { Answers } from '../../platform/http/answers.js';
import { type Once, OnceOnly } from '../../platform/http/idempotency.js';
import { forbidden } from '../../platform/http/problem.js';
import { ScheduledJobs } from './jobs.service.js';
import { jobNotFound } from './moderation.errors.js';
import { jobName, jobRun, scheduledJob } from './moderation.schemas.js';

@ApiTags('admin')
@ApiBearerAuth()
@ForRole('admin')
@Controller('admin/jobs')
export class JobsController {
  constructor(private readonly jobs: ScheduledJobs) {}

  @Get()
  @Answers(200, z.object({ items: z.array(scheduledJob) }), {
    summary: '예정된 작업: 언제 실행했고 실행할지, 기다리거나 실패한 수',
    problems: [forbidden],
  })
  listJobs() {
    return this.jobs.list();
  }

  @Post(':name/run')
  @Answers(202, jobRun, {
    summary: '예정된 작업을 지금 큐에 넣는다',
    problems: [forbidden, jobNotFound],
  })
  runJob(
    @AskedBy() viewer: Viewer,
    @Param('name', { schema: jobName }) name: string,
    @OnceOnly() once: Once | null,
  ) {
    return this.jobs.run(viewer, name, once);
  }
}
