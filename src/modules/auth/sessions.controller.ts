import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, OpenToLeaving, OpenToSuspended, Public, type Viewer } from '../../platform/auth/viewer.js';
import { Answers, AnswersNothing } from '../../platform/http/answers.js';
import { LimitedAs } from '../../platform/limits/limits.js';
import { type PageQuery, pageQuery } from '../../platform/http/pagination.js';
import { id } from '../../platform/http/schemas.js';
import { refreshTokenInvalid, refreshTokenReused, sessionNotFound } from './auth.errors.js';
import { refreshRequest, sessionPage, tokens } from './auth.schemas.js';
import { Sessions } from './sessions.service.js';

@ApiTags('auth')
@Controller('auth')
export class SessionsController {
  constructor(private readonly sessions: Sessions) {}

  @Public()
  @Post('refresh')
  @LimitedAs('refresh')
  @Answers(200, tokens, {
    summary: '토큰 갱신 (갱신 토큰은 한 번만 쓸 수 있고, 10초 안의 재시도에는 같은 토큰을 돌려줌)',
    problems: [refreshTokenInvalid, refreshTokenReused],
  })
  refreshTokens(@Body({ schema: refreshRequest }) { refreshToken }: { refreshToken: string }) {
    return this.sessions.refresh(refreshToken);
  }

  @ApiBearerAuth()
  @OpenToSuspended()
  @OpenToLeaving()
  @Post('logout')
  @AnswersNothing({ summary: '이 기기에서 로그아웃' })
  logout(@AskedBy() viewer: Viewer) {
    return this.sessions.logout(viewer);
  }

  @ApiBearerAuth()
  @OpenToSuspended()
  @OpenToLeaving()
  @Get('sessions')
  @Answers(200, sessionPage, { summary: '로그인한 기기 목록' })
  listSessions(@AskedBy() viewer: Viewer, @Query({ schema: pageQuery }) query: PageQuery) {
    return this.sessions.list(viewer, query);
  }

  @ApiBearerAuth()
  @OpenToSuspended()
  @OpenToLeaving()
  @Delete('sessions/:id')
  @AnswersNothing({
    summary: '기기 하나를 로그아웃 (이미 끝난 로그인이어도 204)',
    problems: [sessionNotFound],
  })
  endSession(@AskedBy() viewer: Viewer, @Param('id', { schema: id }) sessionId: string) {
    return this.sessions.end(viewer, sessionId);
  }
}
