import { defineProblem } from '../../platform/http/problem.js';

/** Members: `unlocks` (what premium would open) and, where there is one, `limit` (what there is without it). */
export const premiumRequired = defineProblem(
  403,
  'premium-required',
  '프리미엄이 필요해요.',
  'This needs premium.',
);
