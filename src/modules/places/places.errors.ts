import { defineProblem } from '../../platform/http/problem.js';

export const placeSearchUnavailable = defineProblem(
  503,
  'place-search-unavailable',
  '지금은 장소를 찾을 수 없어요. 조금 뒤에 다시 시도해 주세요.',
  'Places cannot be searched now. Please try again shortly.',
);
export const placeSearchNotConfigured = defineProblem(
  503,
  'provider-not-configured',
  '아직 장소를 찾을 수 없어요.',
  'Searching places is not set up yet.',
);
export const searchQuotaUsedUp = defineProblem(
  429,
  'search-quota-used-up',
  '오늘은 장소를 더 찾을 수 없어요. 내일 다시 이용해 주세요.',
  'You have used up today’s searches. Please come back tomorrow.',
);
