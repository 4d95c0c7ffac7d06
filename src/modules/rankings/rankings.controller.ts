import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, type Viewer } from '../../platform/auth/viewer.js';
import { Answers } from '../../platform/http/answers.js';
import { premiumRequired, RequiresPremium } from '../entitlement/index.js';
import { homeRegionNeeded } from './rankings.errors.js';
import * as shapes from './rankings.schemas.js';
import { Rankings } from './rankings.service.js';

@ApiTags('rankings')
@ApiBearerAuth()
@Controller()
export class RankingsController {
  constructor(private readonly rankings: Rankings) {}

  @Get('rankings')
  @Answers(200, shapes.boardView, {
    summary: '우리 동, 우리 구, 전국 랭킹과 내 순위 (이번과 지난 기간은 누구나, 그 전은 프리미엄)',
    problems: [homeRegionNeeded, premiumRequired],
  })
  getBoard(@AskedBy() viewer: Viewer, @Query({ schema: shapes.boardQuery }) query: shapes.BoardQuery) {
    return this.rankings.board(viewer.userId, query);
  }

  @Get('rankings/me/why')
  @Answers(200, shapes.whyView, { summary: '내 랭킹 기록에 들어간 산책과 빠진 이유 (최신순)' })
  explainMyRank(@AskedBy() viewer: Viewer, @Query({ schema: shapes.whyQuery }) query: shapes.WhyQuery) {
    return this.rankings.why(viewer.userId, query);
  }

  @RequiresPremium('ranking-history')
  @Get('rankings/me/history')
  @Answers(200, shapes.historyView, {
    summary: '마감된 랭킹에서의 내 순위와 기록 (최근 기간부터, 프리미엄)',
    problems: [premiumRequired],
  })
  listMyPastRanks(
    @AskedBy() viewer: Viewer,
    @Query({ schema: shapes.historyQuery }) query: shapes.HistoryQuery,
  ) {
    return this.rankings.history(viewer.userId, query);
  }

  @Get('hall-of-fame')
  @Answers(200, shapes.hallView, { summary: '명예의 전당 (최근 기간부터)', problems: [homeRegionNeeded] })
  getHallOfFame(@AskedBy() viewer: Viewer, @Query({ schema: shapes.hallQuery }) query: shapes.HallQuery) {
    return this.rankings.hallOfFame(viewer.userId, query);
  }
}
