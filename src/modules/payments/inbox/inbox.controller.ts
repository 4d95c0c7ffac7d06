import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, ForRole, type Viewer } from '../../../platform/auth/viewer.js';
import { Answers } from '../../../platform/http/answers.js';
import { type Once, OnceOnly } from '../../../platform/http/idempotency.js';
import { pageOf } from '../../../platform/http/pagination.js';
import { forbidden } from '../../../platform/http/problem.js';
import { id } from '../../../platform/http/schemas.js';
import { storeEventNotFound } from '../payments.errors.js';
import { storeEvent, storeEventsQuery, type StoreEventsQuery } from './inbox.schemas.js';
import { StoreEvents } from './store-events.service.js';

@ApiTags('admin')
@ApiBearerAuth()
@ForRole('admin')
@Controller('admin/webhooks')
export class InboxController {
  constructor(private readonly events: StoreEvents) {}

  @Get()
  @Answers(200, pageOf(storeEvent), {
    summary: '스토어가 보낸 알림과 처리 상태 (최신순, 내용은 보이지 않는다)',
    problems: [forbidden],
  })
  listWebhooks(@Query({ schema: storeEventsQuery }) query: StoreEventsQuery) {
    return this.events.list(query);
  }

  @Post(':id/replay')
  @Answers(202, storeEvent, {
    summary: '스토어의 알림을 다시 처리한다',
    problems: [forbidden, storeEventNotFound],
  })
  replayWebhook(
    @AskedBy() { userId }: Viewer,
    @Param('id', { schema: id }) eventId: string,
    @OnceOnly() once: Once | null,
  ) {
    return this.events.replay(userId, eventId, once);
  }
}
