import { Controller, Get, Headers, Param, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../../platform/auth/viewer.js';
import { AnswersBytes, AnswersText } from '../../platform/http/answers.js';
import { LimitedAs } from '../../platform/limits/limits.js';
import { sendFile } from './file-answer.js';
import { Origin } from './origin.js';
import { linkToken } from './shares.schemas.js';
import { Shares } from './shares.service.js';

const GONE = ApiResponse({
  status: 404,
  description: '열리지 않는 링크: 왜인지는 말하지 않는다',
  content: {
    'text/html': { schema: { type: 'string' } },
    // An address that is not even a link's, such as `/s/..`.
    'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
  },
});

/** Seen by browsers and by whoever makes previews of links: HTML, also where there is nothing. */
@ApiTags('shares')
@Public()
@LimitedAs('pages')
@Controller('s')
export class SharePagesController {
  constructor(private readonly shares: Shares) {}

  @Get(':token')
  @AnswersText('text/html', { summary: '공유 페이지' })
  @GONE
  async openShare(
    @Param('token', { schema: linkToken }) token: string,
    @Origin() origin: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const page = await this.shares.page(token, origin);
    void reply.code(page.status).headers(page.headers);
    return page.html;
  }

  @Get(':token/card.png')
  @AnswersBytes(['image/png'], { summary: '공유 페이지의 카드' })
  @ApiResponse({ status: 304, description: 'If-None-Match의 카드 그대로' })
  @GONE
  async openSharedCard(
    @Param('token', { schema: linkToken }) token: string,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return sendFile(reply, await this.shares.cardPage(token, ifNoneMatch));
  }
}
