import { Body, Controller, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, OpenToLeaving, OpenToSuspended, type Viewer } from '../../../platform/auth/viewer.js';
import { Answers } from '../../../platform/http/answers.js';
import { type Once, OnceOnly } from '../../../platform/http/idempotency.js';
import { storeNotConfigured, storeUnavailable } from '../payments.errors.js';
import * as billingErrors from './billing/billing.errors.js';
import { Confirmations } from './confirmations.service.js';
import * as errors from './orders.errors.js';
import * as shapes from './orders.schemas.js';
import { Orders } from './orders.service.js';
import { Refunds } from './refunds.service.js';

@ApiTags('payments')
@ApiBearerAuth()
@Controller('payments')
export class OrdersController {
  constructor(
    private readonly orders: Orders,
    private readonly confirmations: Confirmations,
    private readonly refunds: Refunds,
  ) {}

  @Post('orders')
  @Answers(201, shapes.orderOpened, {
    summary: '갱신되지 않는 이용권을 주문한다 (이어서 Toss 결제 창을 연다)',
    problems: [
      billingErrors.priceChanged,
      billingErrors.consentOutdated,
      errors.alreadySubscribed,
      errors.tooManyOrders,
      storeNotConfigured,
    ],
  })
  openPaymentOrder(
    @AskedBy() viewer: Viewer,
    @Body({ schema: shapes.orderIn }) body: shapes.OrderIn,
    @OnceOnly() once: Once | null,
  ) {
    return this.orders.open(viewer.userId, body, once);
  }

  @Post('confirm')
  @Answers(200, shapes.paymentOrder, {
    summary: 'Toss 결제 창에서 인증한 결제를 승인한다 (다시 보내도 한 번만 결제된다)',
    problems: [
      errors.orderNotFound,
      errors.amountMismatch,
      errors.orderSettled,
      errors.alreadySubscribed,
      billingErrors.paymentDeclined,
      errors.paymentRefused,
      errors.paymentPending,
      storeNotConfigured,
      storeUnavailable,
    ],
  })
  confirmPayment(
    @AskedBy() viewer: Viewer,
    @Body({ schema: shapes.confirmation }) body: shapes.Confirmation,
  ) {
    return this.confirmations.confirm(viewer.userId, body);
  }

  /** Whoever may not use the service gets back what is left of it. */
  @OpenToSuspended()
  @OpenToLeaving()
  @Post('refund')
  @Answers(200, shapes.paymentOrder, {
    summary: 'Toss로 결제한 기간을 환불한다: 7일 안에는 전액(한 번만), 그 뒤에는 남은 날수만큼',
    problems: [
      errors.orderNotFound,
      errors.notRefundable,
      errors.refundRefused,
      errors.refundPending,
      storeNotConfigured,
      storeUnavailable,
    ],
  })
  refundPayment(@AskedBy() viewer: Viewer, @Body({ schema: shapes.refundIn }) body: { orderId: string }) {
    return this.refunds.refund(viewer.userId, body.orderId);
  }
}
