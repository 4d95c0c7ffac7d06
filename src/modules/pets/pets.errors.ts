import { defineProblem } from '../../platform/http/problem.js';

export const petNotFound = defineProblem(
  404,
  'pet-not-found',
  '반려동물을 찾을 수 없어요.',
  'Pet not found.',
);
export const healthRecordNotFound = defineProblem(
  404,
  'health-record-not-found',
  '건강 기록을 찾을 수 없어요.',
  'Health record not found.',
);
