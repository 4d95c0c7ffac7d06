import { Body, Controller, Get, Param, Patch, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, OpenToSuspended, type Viewer } from '../../platform/auth/viewer.js';
import { Answers } from '../../platform/http/answers.js';
import { pageQuery, type PageQuery } from '../../platform/http/pagination.js';
import { id } from '../../platform/http/schemas.js';
import { Inbox } from './inbox.service.js';
import { notificationNotFound } from './notifications.errors.js';
import {
  notification,
  notificationPage,
  notificationRead,
  notificationsRead,
  type NotificationsRead,
  unread,
} from './notifications.schemas.js';

@ApiTags('notifications')
@ApiBearerAuth()
@Controller('notifications')
export class NotificationsController {
  constructor(private readonly inbox: Inbox) {}

  @OpenToSuspended()
  @Get()
  @Answers(200, notificationPage, { summary: '내 알림 (최신순)' })
  listNotifications(@AskedBy() viewer: Viewer, @Query({ schema: pageQuery }) query: PageQuery) {
    return this.inbox.list(viewer.userId, query);
  }

  @Patch()
  @Answers(200, unread, { summary: '알림을 모두 읽음으로' })
  readNotifications(@AskedBy() viewer: Viewer, @Body({ schema: notificationsRead }) body: NotificationsRead) {
    return this.inbox.readAll(viewer.userId, body);
  }

  @Patch(':id')
  @Answers(200, notification, { summary: '알림 하나를 읽음으로', problems: [notificationNotFound] })
  readNotification(
    @AskedBy() viewer: Viewer,
    @Param('id', { schema: id }) notificationId: string,
    @Body({ schema: notificationRead }) _body: unknown,
  ) {
    return this.inbox.read(viewer.userId, notificationId);
  }
}
