import { defineProblem } from '../../platform/http/problem.js';

export const userNotFound = defineProblem(
  404,
  'user-not-found',
  '사용자를 찾을 수 없어요.',
  'User not found.',
);
export const accountBeingErased = defineProblem(
  409,
  'account-being-erased',
  '복구할 수 있는 기간이 지나 계정을 지우고 있어요.',
  'The time to restore this account is over; it is being erased.',
);
export const privacyZoneNotFound = defineProblem(
  404,
  'privacy-zone-not-found',
  '프라이버시 존을 찾을 수 없어요.',
  'Privacy zone not found.',
);
export const privacyZoneLimit = defineProblem(
  409,
  'privacy-zone-limit',
  '프라이버시 존을 더 만들 수 없어요.',
  'No more privacy zones can be added.',
);
export const regionUnknown = defineProblem(
  422,
  'region-unknown',
  '없는 동네예요. 다시 골라 주세요.',
  'There is no such region.',
);
