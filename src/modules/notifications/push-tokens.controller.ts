import { Body, Controller, Delete, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, OpenToLeaving, OpenToSuspended, type Viewer } from '../../platform/auth/viewer.js';
import { Answers, AnswersNothing } from '../../platform/http/answers.js';
import { Devices } from './devices.service.js';
import { pushToken, pushTokenIn, type PushTokenIn, pushTokenReceipt } from './notifications.schemas.js';

@ApiTags('notifications')
@ApiBearerAuth()
@Controller('push-tokens')
export class PushTokensController {
  constructor(private readonly devices: Devices) {}

  @Post()
  @Answers(200, pushTokenReceipt, { summary: '이 기기로 푸시를 받는다 (몇 번을 보내도 하나)' })
  registerPushToken(@AskedBy() viewer: Viewer, @Body({ schema: pushTokenIn }) body: PushTokenIn) {
    return this.devices.register(viewer, body);
  }

  @OpenToSuspended()
  @OpenToLeaving()
  @Delete(':token')
  @AnswersNothing({ summary: '이 기기로는 푸시를 받지 않는다' })
  forgetPushToken(@AskedBy() viewer: Viewer, @Param('token', { schema: pushToken }) token: string) {
    return this.devices.forget(viewer, token);
  }
}
