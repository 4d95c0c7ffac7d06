import { defineProblem } from '../../platform/http/problem.js';

export const noRegionHere = defineProblem(
  422,
  'no-region-here',
  '이 위치에서는 동네를 찾을 수 없어요.',
  'There is no Korean region at this point.',
);
/** Who would tell the region is down, slow, or lets us ask no more today. */
export const regionUnavailable = defineProblem(
  503,
  'region-unavailable',
  '지금은 동네를 확인할 수 없어요. 조금 뒤에 다시 시도해 주세요.',
  'The region cannot be looked up now. Please try again shortly.',
);
/** No boundaries were imported, and Kakao may not be asked either. */
export const regionsNotConfigured = defineProblem(
  503,
  'provider-not-configured',
  '아직 동네를 찾을 수 없어요.',
  'Looking up regions is not set up yet.',
);
export const regionQuotaUsedUp = defineProblem(
  429,
  'region-quota-used-up',
  '오늘은 동네를 더 확인할 수 없어요. 내일 다시 이용해 주세요.',
  'No more regions can be looked up today. Please come back tomorrow.',
);
