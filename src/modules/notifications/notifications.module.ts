import { Module } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { Clock } from '../../platform/clock/clock.js';
import { HttpClient } from '../../platform/outbound/http-client.js';
import { Devices } from './devices.service.js';
import { FirebaseSender } from './firebase-sender.js';
import { Inbox } from './inbox.service.js';
import { NotificationsController } from './notifications.controller.js';
import { NotificationHandlers } from './notifications.handlers.js';
import { Notifications } from './notifications.service.js';
import { PushSender } from './push-sender.js';
import { PushTokensController } from './push-tokens.controller.js';
import { Pushes } from './pushes.service.js';

@Module({
  controllers: [NotificationsController, PushTokensController],
  providers: [
    Notifications,
    Inbox,
    Devices,
    Pushes,
    NotificationHandlers,
    {
      provide: PushSender,
      inject: [CONFIG, HttpClient, Clock],
      useFactory: ({ firebase, outbound }: Config, http: HttpClient, clock: Clock) =>
        firebase && new FirebaseSender(firebase, outbound, http, clock),
    },
  ],
  exports: [Notifications],
})
export class NotificationsModule {}
