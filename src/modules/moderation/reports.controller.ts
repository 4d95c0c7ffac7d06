import { Body, Controller, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, type Viewer } from '../../platform/auth/viewer.js';
import { Answers } from '../../platform/http/answers.js';
import { type Once, OnceOnly } from '../../platform/http/idempotency.js';
import { notWithYourself } from '../people/index.js';
import { reportTargetNotFound } from './moderation.errors.js';
import { reportIn, type ReportIn, reportView } from './moderation.schemas.js';
import { Reports } from './reports.service.js';

@ApiTags('reports')
@ApiBearerAuth()
@Controller('reports')
export class ReportsController {
  constructor(private readonly reports: Reports) {}

  @Post()
  @Answers(201, reportView, {
    summary: '신고한다 (누가 신고했는지는 아무에게도 보이지 않는다)',
    problems: [reportTargetNotFound, notWithYourself],
  })
  report(
    @AskedBy() viewer: Viewer,
    @Body({ schema: reportIn }) input: ReportIn,
    @OnceOnly() once: Once | null,
  ) {
    return this.reports.report(viewer.userId, input, once);
  }
}
