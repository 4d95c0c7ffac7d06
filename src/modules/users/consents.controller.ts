import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, OpenToLeaving, OpenToSuspended, type Viewer } from '../../platform/auth/viewer.js';
import { Answers } from '../../platform/http/answers.js';
import { type Once, OnceOnly } from '../../platform/http/idempotency.js';
import { pageOf, pageQuery, type PageQuery } from '../../platform/http/pagination.js';
import { Consents } from './consents.service.js';
import { consent, consentIn, type ConsentIn } from './users.schemas.js';

@ApiTags('users')
@ApiBearerAuth()
@OpenToSuspended()
@Controller('users/me/consents')
export class ConsentsController {
  constructor(private readonly consents: Consents) {}

  @OpenToLeaving()
  @Get()
  @Answers(200, pageOf(consent), { summary: '내 동의 기록 (최신순)' })
  listConsents(@AskedBy() viewer: Viewer, @Query({ schema: pageQuery }) query: PageQuery) {
    return this.consents.list(viewer.userId, query);
  }

  @Post()
  @Answers(201, consent, { summary: '약관 동의 또는 철회' })
  addConsent(
    @AskedBy() viewer: Viewer,
    @Body({ schema: consentIn }) input: ConsentIn,
    @OnceOnly() once: Once | null,
  ) {
    return this.consents.add(viewer.userId, input, once);
  }
}
