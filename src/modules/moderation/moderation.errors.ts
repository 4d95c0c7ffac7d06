import { defineProblem } from '../../platform/http/problem.js';

/** Not there, or not for the reporter: the two look alike. */
export const reportTargetNotFound = defineProblem(
  404,
  'report-target-not-found',
  '신고할 대상을 찾을 수 없어요.',
  'There is nothing to report.',
);
export const reportNotFound = defineProblem(
  404,
  'report-not-found',
  '신고를 찾을 수 없어요.',
  'Report not found.',
);
/** Member `state`: what the report is by now. */
export const reportSettled = defineProblem(
  409,
  'report-settled',
  '이미 처리했거나 아직 처리하지 않은 신고예요.',
  'The report is in another state by now.',
);
/** Nothing is left to hide, nobody to warn; or a profile, which is suspended instead of hidden. */
export const actionDoesNotFit = defineProblem(
  409,
  'action-does-not-fit',
  '이 신고에는 할 수 없는 조치예요.',
  'This action does not fit the report.',
);
/** Not in the schedule: nothing else is run by hand. */
export const jobNotFound = defineProblem(
  404,
  'job-not-found',
  '예정된 작업이 아니에요.',
  'The schedule names no such job.',
);
