import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, type Viewer } from '../../platform/auth/viewer.js';
import { Answers } from '../../platform/http/answers.js';
import { Statistics } from './statistics.service.js';
import { type StatisticsQuery, statisticsQuery, statisticsView } from './walks.schemas.js';

@ApiTags('users')
@ApiBearerAuth()
@Controller('users/me/statistics')
export class StatisticsController {
  constructor(private readonly statistics: Statistics) {}

  @Get()
  @Answers(200, statisticsView, { summary: '기간별 산책 통계' })
  getStatistics(@AskedBy() viewer: Viewer, @Query({ schema: statisticsQuery }) query: StatisticsQuery) {
    return this.statistics.of(viewer.userId, query);
  }
}
