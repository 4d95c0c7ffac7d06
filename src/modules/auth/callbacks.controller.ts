import { Body, Controller, Headers, Post, Query, Res } from '@nestjs/common';
import { ApiConsumes, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../../platform/auth/viewer.js';
import { Answers, AnswersNothing } from '../../platform/http/answers.js';
import { LimitedAs } from '../../platform/limits/limits.js';
import {
  callbackRefused,
  providerNotConfigured,
  providerUnavailable,
  securityEventRefused,
} from './auth.errors.js';
import {
  appleNotification,
  eventReceived,
  kakaoEvent,
  type KakaoUnlink,
  type NaverDisconnect,
  naverDisconnect,
  naverDisconnectBody,
} from './auth.schemas.js';
import { Callbacks } from './callbacks.service.js';

const BODY_LIMIT_BYTES = 64 * 1024;

/** Asked by the providers' servers; PROVIDERS.md §1.8, §2.5 and §3.5. */
@ApiTags('auth')
@Public()
@LimitedAs('callbacks')
@Controller('auth/callbacks')
export class CallbacksController {
  constructor(private readonly callbacks: Callbacks) {}

  @Post('kakao')
  @ApiConsumes('application/x-www-form-urlencoded', 'application/secevent+jwt')
  @ApiResponse({ status: 202, standardSchema: eventReceived, description: 'Security event received' })
  @Answers(200, eventReceived, {
    calledBy: '카카오',
    summary: '카카오가 보내는 연결 해제 웹훅(200)과 계정 상태 웹훅(202)',
    problems: [securityEventRefused, callbackRefused, providerNotConfigured, providerUnavailable],
    bodyLimitBytes: BODY_LIMIT_BYTES,
  })
  async receiveKakaoEvent(
    @Body({ schema: kakaoEvent }) body: string | KakaoUnlink,
    @Headers('authorization') authorization: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { status, answer } = await this.callbacks.fromKakao(body, authorization);
    void reply.status(status);
    return answer;
  }

  @Post('naver')
  @ApiConsumes('application/x-www-form-urlencoded')
  @AnswersNothing({
    calledBy: '네이버',
    summary: '네이버가 보내는 연결 해제 알림',
    problems: [callbackRefused, providerNotConfigured],
    bodyLimitBytes: BODY_LIMIT_BYTES,
  })
  receiveNaverDisconnect(
    @Body({ schema: naverDisconnectBody }) body: NaverDisconnect | null | undefined,
    @Query({ schema: naverDisconnect }) query: NaverDisconnect,
  ) {
    return this.callbacks.fromNaver({ ...query, ...body });
  }

  @Post('apple')
  @Answers(200, eventReceived, {
    calledBy: 'Apple',
    summary: 'Apple이 보내는 서버 알림',
    problems: [callbackRefused, providerNotConfigured, providerUnavailable],
    bodyLimitBytes: BODY_LIMIT_BYTES,
  })
  receiveAppleNotification(@Body({ schema: appleNotification }) body: { payload: string }) {
    return this.callbacks.fromApple(body);
  }
}
