import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, OpenToLeaving, OpenToSuspended, type Viewer } from '../../platform/auth/viewer.js';
import { Answers } from '../../platform/http/answers.js';
import { pageOf, pageQuery, type PageQuery } from '../../platform/http/pagination.js';
import { LocationLog } from './location-log.js';
import { locationUse } from './users.schemas.js';

@ApiTags('users')
@ApiBearerAuth()
@OpenToSuspended()
@Controller('users/me/location-log')
export class LocationLogController {
  constructor(private readonly log: LocationLog) {}

  @OpenToLeaving()
  @Get()
  @Answers(200, pageOf(locationUse), { summary: '내 위치정보 이용·제공 사실 (최신순)' })
  listLocationUses(@AskedBy() viewer: Viewer, @Query({ schema: pageQuery }) query: PageQuery) {
    return this.log.list(viewer.userId, query);
  }
}
