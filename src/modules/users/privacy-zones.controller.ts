import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, OpenToSuspended, type Viewer } from '../../platform/auth/viewer.js';
import { Answers, AnswersNothing } from '../../platform/http/answers.js';
import { type Once, OnceOnly } from '../../platform/http/idempotency.js';
import { pageOf, pageQuery, type PageQuery } from '../../platform/http/pagination.js';
import { id } from '../../platform/http/schemas.js';
import { PrivacyZones } from './privacy-zones.service.js';
import { privacyZoneLimit, privacyZoneNotFound } from './users.errors.js';
import { privacyZone, privacyZoneIn, type PrivacyZoneIn } from './users.schemas.js';

@ApiTags('users')
@ApiBearerAuth()
@Controller('users/me/privacy-zones')
export class PrivacyZonesController {
  constructor(private readonly zones: PrivacyZones) {}

  @OpenToSuspended()
  @Get()
  @Answers(200, pageOf(privacyZone), { summary: '내 프라이버시 존 목록 (최신순)' })
  listPrivacyZones(@AskedBy() viewer: Viewer, @Query({ schema: pageQuery }) query: PageQuery) {
    return this.zones.list(viewer.userId, query);
  }

  @Post()
  @Answers(201, privacyZone, { summary: '프라이버시 존 추가', problems: [privacyZoneLimit] })
  addPrivacyZone(
    @AskedBy() viewer: Viewer,
    @Body({ schema: privacyZoneIn }) input: PrivacyZoneIn,
    @OnceOnly() once: Once | null,
  ) {
    return this.zones.add(viewer.userId, input, once);
  }

  @OpenToSuspended()
  @Delete(':id')
  @AnswersNothing({ summary: '프라이버시 존 삭제', problems: [privacyZoneNotFound] })
  removePrivacyZone(@AskedBy() viewer: Viewer, @Param('id', { schema: id }) zoneId: string) {
    return this.zones.remove(viewer.userId, zoneId);
  }
}
