import { Body, Controller, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, OpenToLeaving, OpenToSuspended, type Viewer } from '../../../../platform/auth/viewer.js';
import { Answers } from '../../../../platform/http/answers.js';
import {
  billingKeyRefused,
  managedByStore,
  storeNotConfigured,
  storeUnavailable,
  subscriptionNotFound,
} from '../../payments.errors.js';
import { chargeConsentIn, type ChargeConsentIn } from '../../payments.schemas.js';
import * as errors from './billing.errors.js';
import * as shapes from './billing.schemas.js';
import { Billing } from './billing.service.js';
import { Enrolment } from './enrolment.service.js';

const notThere = [subscriptionNotFound, managedByStore];

@ApiTags('payments')
@ApiBearerAuth()
@Controller()
export class BillingController {
  constructor(
    private readonly enrolment: Enrolment,
    private readonly billing: Billing,
  ) {}

  @Post('payments/billing-key')
  @Answers(200, shapes.billedSubscription, {
    summary: '카드를 등록해 구독을 시작하거나, 구독의 카드를 바꾼다',
    problems: [
      errors.paymentDeclined,
      errors.customerMismatch,
      errors.priceChanged,
      errors.consentOutdated,
      errors.trialUsed,
      billingKeyRefused,
      storeNotConfigured,
      storeUnavailable,
    ],
  })
  registerCard(@AskedBy() viewer: Viewer, @Body({ schema: shapes.billingKeyIn }) body: shapes.BillingKeyIn) {
    return this.enrolment.register(viewer.userId, body);
  }

  /** Whoever may not use the service need not pay for it. */
  @OpenToSuspended()
  @OpenToLeaving()
  @Post('subscriptions/cancel')
  @Answers(200, shapes.billedSubscription, {
    summary: '구독을 해지한다: 이미 결제한 기간이 끝날 때까지는 쓸 수 있다',
    problems: notThere,
  })
  cancelSubscription(@AskedBy() viewer: Viewer) {
    return this.billing.cancel(viewer.userId);
  }

  @Post('subscriptions/resume')
  @Answers(200, shapes.billedSubscription, {
    summary: '해지를 취소한다 (이용 기간이 끝나기 전)',
    problems: [...notThere, errors.notResumable, errors.cardNeeded],
  })
  resumeSubscription(@AskedBy() viewer: Viewer) {
    return this.billing.resume(viewer.userId);
  }

  @Post('subscriptions/plan')
  @Answers(200, shapes.billedSubscription, {
    summary: '다음 결제부터 다른 요금제로 바꾼다',
    problems: [...notThere, errors.notRenewing, errors.priceChanged, errors.consentOutdated],
  })
  changePlan(@AskedBy() viewer: Viewer, @Body({ schema: shapes.planChange }) body: shapes.PlanChange) {
    return this.billing.changePlan(viewer.userId, body);
  }

  @Post('subscriptions/price-consent')
  @Answers(200, shapes.billedSubscription, {
    summary: '오르는 가격에 동의한다 (그 결제 전 30일 안에)',
    problems: [
      ...notThere,
      errors.notRenewing,
      errors.noConsentAsked,
      errors.priceChanged,
      errors.consentOutdated,
    ],
  })
  consentToPrice(@AskedBy() viewer: Viewer, @Body({ schema: chargeConsentIn }) body: ChargeConsentIn) {
    return this.billing.consentToPrice(viewer.userId, body);
  }
}
