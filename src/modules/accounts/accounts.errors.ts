import { defineProblem } from '../../platform/http/problem.js';

export const exportRunning = defineProblem(
  409,
  'export-running',
  '이미 내려받고 있어요. 끝난 뒤에 다시 시도해 주세요.',
  'An export is running already. Please try again when it is done.',
);
