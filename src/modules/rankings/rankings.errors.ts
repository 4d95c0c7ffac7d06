import { defineProblem } from '../../platform/http/problem.js';

export const homeRegionNeeded = defineProblem(
  409,
  'home-region-needed',
  '동네를 먼저 설정해 주세요.',
  'Please set your home region first.',
);
