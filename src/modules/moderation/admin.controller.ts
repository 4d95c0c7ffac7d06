import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, ForRole, type Viewer } from '../../platform/auth/viewer.js';
import { Answers } from '../../platform/http/answers.js';
import { type Once, OnceOnly } from '../../platform/http/idempotency.js';
import { pageOf, pageQuery, type PageQuery } from '../../platform/http/pagination.js';
import { forbidden } from '../../platform/http/problem.js';
import { id } from '../../platform/http/schemas.js';
import { userNotFound } from '../users/index.js';
import { Accounts } from './accounts.service.js';
import { Desk } from './desk.service.js';
import { actionDoesNotFit, reportNotFound, reportSettled } from './moderation.errors.js';
import * as shapes from './moderation.schemas.js';

@ApiTags('admin')
@ApiBearerAuth()
@ForRole('moderator')
@Controller('admin')
export class AdminController {
  constructor(
    private readonly desk: Desk,
    private readonly accounts: Accounts,
  ) {}

  @Get('reports')
  @Answers(200, pageOf(shapes.moderatedReport), {
    summary: '신고 목록 (오래된 것부터)',
    problems: [forbidden],
  })
  listReports(@AskedBy() viewer: Viewer, @Query({ schema: shapes.reportsQuery }) query: shapes.ReportsQuery) {
    return this.desk.list(viewer, query);
  }

  @Post('reports/:id/actions')
  @Answers(201, shapes.moderatedReport, {
    summary: '신고를 처리한다 (같은 대상의 열린 신고가 모두 처리된다)',
    problems: [forbidden, reportNotFound, reportSettled, actionDoesNotFit],
  })
  actOnReport(
    @AskedBy() viewer: Viewer,
    @Param('id', { schema: id }) reportId: string,
    @Body({ schema: shapes.reportActionIn }) input: shapes.ReportActionIn,
    @OnceOnly() once: Once | null,
  ) {
    return this.desk.act(viewer, reportId, input, once);
  }

  @Get('users')
  @Answers(200, pageOf(shapes.account), {
    summary: '사용자를 찾는다 (가입한 순서)',
    problems: [forbidden],
  })
  listAccounts(@Query({ schema: shapes.accountsQuery }) query: shapes.AccountsQuery) {
    return this.accounts.list(query);
  }

  @Get('users/:id')
  @Answers(200, shapes.accountView, {
    summary: '사용자 한 명: 상태, 신고, 구독, 지난 조치 (본 것도 운영 기록에 남는다)',
    problems: [forbidden, userNotFound],
  })
  viewAccount(@AskedBy() viewer: Viewer, @Param('id', { schema: id }) userId: string) {
    return this.accounts.view(viewer, userId);
  }

  @Post('users/:id/suspension')
  @Answers(200, shapes.account, {
    summary: '사용자를 정지하거나 정지를 푼다',
    problems: [forbidden, userNotFound],
  })
  suspendUser(
    @AskedBy() viewer: Viewer,
    @Param('id', { schema: id }) userId: string,
    @Body({ schema: shapes.suspensionIn }) input: shapes.SuspensionIn,
  ) {
    return this.accounts.suspend(viewer, userId, input);
  }

  @Get('audit-log')
  @Answers(200, pageOf(shapes.auditEntry), {
    summary: '운영 기록 (최신순)',
    problems: [forbidden],
  })
  listAuditLog(@Query({ schema: pageQuery }) query: PageQuery) {
    return this.accounts.auditLog(query);
  }
}
