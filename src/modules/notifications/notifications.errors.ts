import { defineProblem } from '../../platform/http/problem.js';

export const notificationNotFound = defineProblem(
  404,
  'notification-not-found',
  '알림을 찾을 수 없어요.',
  'Notification not found.',
);
