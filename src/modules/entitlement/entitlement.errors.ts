import { defineProblem } from '../../platform/http/problem.js';

/** Members: `unlocks` (what premium would open) and, where there is one, `limit` (what there is without it). */
export const premiumRequired = defineProblem(
  403,
  'premium-required',
  '프리미엄이 필요해요.',
  'This needs premium.',
);
export const purchaseOfAnother = defineProblem(
  409,
  'purchase-of-another-account',
  '다른 계정에서 쓰고 있는 구독이에요. 이 계정으로 옮길 수 있어요.',
  'Another account uses this subscription. It can be moved to this one.',
);
export const transferredRecently = defineProblem(
  409,
  'transferred-recently',
  '최근에 계정을 옮긴 구독이라 아직 다시 옮길 수 없어요.',
  'This subscription was moved recently and cannot be moved again yet.',
);
