import { Body, Controller, Headers, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, Public, type Viewer } from '../../../platform/auth/viewer.js';
import { Answers, AnswersNothing } from '../../../platform/http/answers.js';
import { LimitedAs } from '../../../platform/limits/limits.js';
import { purchaseOfAnother, transferredRecently } from '../../entitlement/index.js';
import { purchaseRefused, storeNotConfigured, storeUnavailable, webhookRefused } from '../payments.errors.js';
import { reportedPurchase } from '../payments.schemas.js';
import { GoogleEvents } from './google-events.service.js';
import { GooglePurchases } from './google-purchases.service.js';
import * as shapes from './google.schemas.js';

const PUSH_LIMIT_BYTES = 256 * 1024;

@ApiTags('payments')
@Controller('payments')
export class GoogleController {
  constructor(
    private readonly events: GoogleEvents,
    private readonly purchases: GooglePurchases,
  ) {}

  @Public()
  @Post('webhook/google')
  @LimitedAs('callbacks')
  @AnswersNothing({
    calledBy: 'Google Play',
    summary: 'Google Play가 Pub/Sub으로 보내는 알림',
    problems: [webhookRefused, storeNotConfigured, storeUnavailable],
    bodyLimitBytes: PUSH_LIMIT_BYTES,
  })
  receiveGoogleEvent(
    @Headers('authorization') authorization: string | undefined,
    @Body({ schema: shapes.googlePush }) body: unknown,
  ) {
    return this.events.receive(authorization, body);
  }

  @ApiBearerAuth()
  @Post('google/purchases')
  @Answers(200, reportedPurchase, {
    summary: '앱이 Google Play 구매를 알린다 (다시 보내도 같다)',
    problems: [purchaseRefused, purchaseOfAnother, transferredRecently, storeNotConfigured, storeUnavailable],
  })
  reportGooglePurchase(
    @AskedBy() viewer: Viewer,
    @Body({ schema: shapes.googlePurchaseIn }) body: shapes.GooglePurchaseIn,
  ) {
    return this.purchases.report(viewer.userId, body);
  }
}
