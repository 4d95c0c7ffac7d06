import { defineProblem } from '../../platform/http/problem.js';

export const walkNotShareable = defineProblem(
  409,
  'walk-not-shareable',
  '비공개이거나 인정되지 않은 산책은 공유할 수 없어요.',
  'A walk that is private or does not count cannot be shared.',
);
export const tooManyShares = defineProblem(
  409,
  'too-many-shares',
  '공유 링크가 너무 많아요. 쓰지 않는 링크를 먼저 지워 주세요.',
  'There are too many links to this walk. Revoke one first.',
);
export const shareNotFound = defineProblem(
  404,
  'share-not-found',
  '공유 링크를 찾을 수 없어요.',
  'Share link not found.',
);
