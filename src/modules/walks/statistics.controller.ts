import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, type Viewer } from '../../platform/auth/viewer.js';
import { Answers } from '../../platform/http/answers.js';
import { premiumRequired } from '../entitlement/index.js';
import { Statistics } from './statistics.service.js';
import { type StatisticsQuery, statisticsQuery, statisticsView } from './walks.schemas.js';

@ApiTags('users')
@ApiBearerAuth()
@Controller('users/me/statistics')
export class StatisticsController {
  constructor(private readonly statistics: Statistics) {}

  @Get()
  @Answers(200, statisticsView, {
    summary: '기간별 산책 통계 (최근 92일 안에 끝난 주와 달은 누구나, 그 전과 연간·전체는 프리미엄)',
    problems: [premiumRequired],
  })
  getStatistics(@AskedBy() viewer: Viewer, @Query({ schema: statisticsQuery }) query: StatisticsQuery) {
    return this.statistics.of(viewer.userId, query);
  }
}
