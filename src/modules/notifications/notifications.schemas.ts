import { z } from 'zod';
import { pageOf } from '../../platform/http/pagination.js';
import { asciiToken, id, instant, instantIn } from '../../platform/http/schemas.js';

export const notificationType = z.enum([
  'walk_reminder',
  'badge_earned',
  'ranking_change',
  'social',
  'companion',
  'season_deadline',
  'subscription',
]);

export const notification = z
  .object({
    id,
    type: notificationType,
    title: z.string(),
    body: z.string(),
    data: z.record(z.string(), z.string()).meta({ description: '무엇을 열지; 종류마다 다름' }),
    createdAt: instant,
    readAt: instant.nullable(),
  })
  .meta({ id: 'Notification' });

const unreadCount = z.int().meta({ description: '읽지 않은 알림 수 (앱 아이콘의 숫자, 999까지)' });

export const notificationPage = pageOf(notification).extend({ unreadCount });

export const notificationRead = z.strictObject({ read: z.literal(true) });

export const notificationsRead = z.strictObject({
  read: z.literal(true),
  until: instantIn
    .optional()
    .meta({ description: '이 시각까지 온 알림만; 화면에 보인 것보다 나중에 온 알림은 남는다' }),
});
export type NotificationsRead = z.output<typeof notificationsRead>;

export const unread = z.object({ unreadCount }).meta({ id: 'UnreadNotifications' });

/** FCM registration tokens are ASCII; one with `/` could not be the last part of an address. */
export const pushToken = asciiToken(500)
  .regex(/^[^/]*$/)
  .meta({ example: 'fJ3kQ:APA91bHq' });

export const pushTokenIn = z.strictObject({
  token: pushToken,
  platform: z.enum(['ios', 'android']),
});
export type PushTokenIn = z.output<typeof pushTokenIn>;

/** Without the token: with it and our service account one can push to the phone. */
export const pushTokenReceipt = z
  .object({ platform: z.enum(['ios', 'android']), registeredAt: instant })
  .meta({ id: 'PushTokenReceipt' });
