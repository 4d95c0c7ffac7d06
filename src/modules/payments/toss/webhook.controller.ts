import { Body, Controller, Headers, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public } from '../../../platform/auth/viewer.js';
import { Answers } from '../../../platform/http/answers.js';
import { LimitedAs } from '../../../platform/limits/limits.js';
import { storeNotConfigured, webhookRefused } from '../payments.errors.js';
import { webhookReceived } from '../payments.schemas.js';
import { tossEvent } from './webhook.schemas.js';
import { TossWebhooks } from './webhook.service.js';

const BODY_LIMIT_BYTES = 64 * 1024;

/** Asked by Toss's servers; PROVIDERS.md §6.6. Any other answer than 200 makes Toss send again. */
@ApiTags('payments')
@Public()
@LimitedAs('callbacks')
@Controller('payments/webhook')
export class TossWebhookController {
  constructor(private readonly webhooks: TossWebhooks) {}

  @Post('toss')
  @Answers(200, webhookReceived, {
    calledBy: 'Toss Payments',
    summary: 'Toss가 보내는 웹훅',
    problems: [webhookRefused, storeNotConfigured],
    bodyLimitBytes: BODY_LIMIT_BYTES,
  })
  receiveTossEvent(
    @Body({ schema: tossEvent }) body: Record<string, unknown>,
    @Headers('tosspayments-webhook-transmission-id') transmissionId: string | undefined,
  ) {
    return this.webhooks.receive(body, transmissionId);
  }
}
