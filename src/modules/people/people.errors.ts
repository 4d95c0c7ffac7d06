import { defineProblem } from '../../platform/http/problem.js';

export const notWithYourself = defineProblem(
  409,
  'not-with-yourself',
  '나 자신에게는 할 수 없어요.',
  'This cannot be done with yourself.',
);
export const followLimit = defineProblem(
  409,
  'follow-limit',
  '더 팔로우할 수 없어요.',
  'No more people can be followed.',
);
export const followRequestNotFound = defineProblem(
  404,
  'follow-request-not-found',
  '팔로우 요청을 찾을 수 없어요.',
  'Follow request not found.',
);
