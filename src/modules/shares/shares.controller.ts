import { Body, Controller, Delete, Get, Headers, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AskedBy, OpenToSuspended, type Viewer } from '../../platform/auth/viewer.js';
import { Answers, AnswersBytes, AnswersNothing } from '../../platform/http/answers.js';
import { type Once, OnceOnly } from '../../platform/http/idempotency.js';
import { pageOf, type PageQuery, pageQuery } from '../../platform/http/pagination.js';
import { id } from '../../platform/http/schemas.js';
import { premiumRequired } from '../entitlement/index.js';
import { walkNotCompleted, walkNotFound } from '../walks/index.js';
import { Cards } from './cards.service.js';
import { cardAnswer, sendFile } from './file-answer.js';
import { Origin } from './origin.js';
import { shareNotFound, tooManyShares, walkNotShareable } from './shares.errors.js';
import { cardQuery, type CardQuery, share, shareIn, type ShareIn, shareMade } from './shares.schemas.js';
import { Shares } from './shares.service.js';

@ApiTags('shares')
@ApiBearerAuth()
@Controller('walks/:id')
export class SharesController {
  constructor(
    private readonly cards: Cards,
    private readonly shares: Shares,
  ) {}

  @Get('share-card')
  @AnswersBytes(['image/png'], {
    summary: '내 산책의 공유 카드 (1080×1350; 남이 봐도 되는 만큼만 그린다)',
    problems: [walkNotFound, walkNotCompleted, premiumRequired],
  })
  @ApiResponse({ status: 304, description: 'If-None-Match의 카드 그대로' })
  async getShareCard(
    @AskedBy() viewer: Viewer,
    @Param('id', { schema: id }) walkId: string,
    @Query({ schema: cardQuery }) { theme }: CardQuery,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const card = await this.cards.ofOwn(viewer.userId, walkId, theme);
    return sendFile(reply, await cardAnswer(card, ifNoneMatch));
  }

  @Post('shares')
  @Answers(201, shareMade, {
    summary: '로그인 없이 볼 수 있는 링크를 만든다 (산책 하나에 5개까지)',
    problems: [walkNotFound, walkNotShareable, tooManyShares, premiumRequired],
  })
  makeShare(
    @AskedBy() viewer: Viewer,
    @Param('id', { schema: id }) walkId: string,
    @Body({ schema: shareIn }) body: ShareIn,
    @Origin() origin: string,
    @OnceOnly() once: Once | null,
  ) {
    return this.shares.make(viewer.userId, walkId, body, { once, origin });
  }

  @OpenToSuspended()
  @Get('shares')
  @Answers(200, pageOf(share), { summary: '이 산책의 공유 링크 (최근부터)', problems: [walkNotFound] })
  listShares(
    @AskedBy() viewer: Viewer,
    @Param('id', { schema: id }) walkId: string,
    @Query({ schema: pageQuery }) query: PageQuery,
  ) {
    return this.shares.list(viewer.userId, walkId, query);
  }

  @OpenToSuspended()
  @Delete('shares/:shareId')
  @AnswersNothing({ summary: '공유 링크를 거둔다 (바로 열리지 않는다)', problems: [shareNotFound] })
  revokeShare(
    @AskedBy() viewer: Viewer,
    @Param('id', { schema: id }) walkId: string,
    @Param('shareId', { schema: id }) shareId: string,
  ) {
    return this.shares.revoke(viewer.userId, walkId, shareId);
  }
}
