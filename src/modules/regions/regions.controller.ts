import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, type Viewer } from '../../platform/auth/viewer.js';
import { Answers } from '../../platform/http/answers.js';
import { outsideKorea } from '../../platform/http/outside-korea.js';
import {
  noRegionHere,
  regionQuotaUsedUp,
  regionsNotConfigured,
  regionUnavailable,
} from './regions.errors.js';
import {
  foundRegions,
  region,
  resolveQuery,
  type ResolveQuery,
  searchQuery,
  type SearchQuery,
} from './regions.schemas.js';
import { Regions } from './regions.service.js';

@ApiTags('regions')
@ApiBearerAuth()
@Controller('regions')
export class RegionsController {
  constructor(private readonly regions: Regions) {}

  @Get()
  @Answers(200, foundRegions, { summary: '이름으로 동네 찾기 (최대 20개)' })
  searchRegions(@Query({ schema: searchQuery }) query: SearchQuery) {
    return this.regions.search(query);
  }

  @Get('resolve')
  @Answers(200, region, {
    summary: '위치의 행정동',
    problems: [outsideKorea, noRegionHere, regionQuotaUsedUp, regionUnavailable, regionsNotConfigured],
  })
  resolveRegion(@AskedBy() viewer: Viewer, @Query({ schema: resolveQuery }) query: ResolveQuery) {
    return this.regions.resolve(viewer.userId, query);
  }
}
