import { defineProblem } from '../../platform/http/problem.js';

/** How long a provider that failed is left in peace, and a client may wait before it asks again. */
export const REST_S = 30;

export const weatherNotConfigured = defineProblem(
  503,
  'provider-not-configured',
  '아직 날씨를 볼 수 없어요.',
  'Weather is not set up yet.',
);
export const weatherUnavailable = defineProblem(
  503,
  'weather-unavailable',
  '지금은 날씨를 가져올 수 없어요. 조금 뒤에 다시 시도해 주세요.',
  'The weather cannot be had right now. Please try again shortly.',
);
export const tooManyPlaces = defineProblem(
  429,
  'too-many-places',
  '오늘은 새로운 곳의 날씨를 더 볼 수 없어요.',
  'No more new places today.',
);

export const noWeatherNow = () => weatherUnavailable({ headers: { 'retry-after': String(REST_S) } });
