import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, type Viewer } from '../../platform/auth/viewer.js';
import { Answers } from '../../platform/http/answers.js';
import { pageOf, type PageQuery, pageQuery } from '../../platform/http/pagination.js';
import { recommendation } from './recommendations.schemas.js';
import { Recommendations } from './recommendations.service.js';

@ApiTags('recommendations')
@ApiBearerAuth()
@Controller('recommendations')
export class RecommendationsController {
  constructor(private readonly recommendations: Recommendations) {}

  @Get()
  @Answers(200, pageOf(recommendation), { summary: '산책 친구 추천 (잘 맞는 순)과 그 이유' })
  listRecommendations(@AskedBy() viewer: Viewer, @Query({ schema: pageQuery }) query: PageQuery) {
    return this.recommendations.list(viewer.userId, query);
  }
}
