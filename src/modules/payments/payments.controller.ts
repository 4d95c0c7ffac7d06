import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, OpenToLeaving, OpenToSuspended, Public, type Viewer } from '../../platform/auth/viewer.js';
import { Answers } from '../../platform/http/answers.js';
import { pageOf, pageQuery, type PageQuery } from '../../platform/http/pagination.js';
import { PaymentsOverview } from './overview.service.js';
import { mySubscriptions, payment, plansView } from './payments.schemas.js';

@ApiTags('payments')
@Controller()
export class PaymentsController {
  constructor(private readonly overview: PaymentsOverview) {}

  @Public()
  @Get('plans')
  @Answers(200, plansView, { summary: '요금제와 결제 동의문' })
  listPlans() {
    return this.overview.plans();
  }

  @ApiBearerAuth()
  @Get('subscriptions/me')
  @OpenToSuspended()
  @OpenToLeaving()
  @Answers(200, mySubscriptions, { summary: '내 구독과 프리미엄' })
  getMySubscriptions(@AskedBy() { userId }: Viewer) {
    return this.overview.of(userId);
  }

  @ApiBearerAuth()
  @Get('payments/history')
  @OpenToSuspended()
  @OpenToLeaving()
  @Answers(200, pageOf(payment), { summary: '내 결제와 환불 (최신순)' })
  listPayments(@AskedBy() { userId }: Viewer, @Query({ schema: pageQuery }) query: PageQuery) {
    return this.overview.payments(userId, query);
  }
}
