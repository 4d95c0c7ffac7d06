import { Body, Controller, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, Public, type Viewer } from '../../../platform/auth/viewer.js';
import { Answers } from '../../../platform/http/answers.js';
import { LimitedAs } from '../../../platform/limits/limits.js';
import { purchaseOfAnother, transferredRecently } from '../../entitlement/index.js';
import { purchaseRefused, storeNotConfigured, storeUnavailable, webhookRefused } from '../payments.errors.js';
import { reportedPurchase, webhookReceived } from '../payments.schemas.js';
import { AppleNotifications } from './apple-notifications.service.js';
import { AppleSales } from './apple-sales.service.js';
import * as shapes from './apple.schemas.js';

const BODY_LIMIT_BYTES = 256 * 1024;

@ApiTags('payments')
@Controller('payments')
export class AppleController {
  constructor(
    private readonly notifications: AppleNotifications,
    private readonly sales: AppleSales,
  ) {}

  @Post('webhook/apple')
  @LimitedAs('callbacks')
  @Public()
  @Answers(200, webhookReceived, {
    calledBy: 'App Store',
    summary: 'App Store가 보내는 서버 알림 (V2)',
    problems: [webhookRefused, storeUnavailable, storeNotConfigured],
    bodyLimitBytes: BODY_LIMIT_BYTES,
  })
  receiveAppStoreNotification(
    @Body({ schema: shapes.appStoreNotification }) { signedPayload }: { signedPayload: string },
  ) {
    return this.notifications.receive(signedPayload);
  }

  @Post('apple/transactions')
  @ApiBearerAuth()
  @Answers(200, reportedPurchase, {
    summary: 'App Store에서 산 구독을 내 계정에 연결한다 (여러 번 보내도 하나)',
    problems: [purchaseRefused, purchaseOfAnother, transferredRecently, storeUnavailable, storeNotConfigured],
    bodyLimitBytes: BODY_LIMIT_BYTES,
  })
  reportAppleTransaction(
    @AskedBy() viewer: Viewer,
    @Body({ schema: shapes.appleTransaction }) body: shapes.AppleTransaction,
  ) {
    return this.sales.report(viewer.userId, body);
  }
}
