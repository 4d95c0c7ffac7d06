import { defineProblem } from '../../platform/http/problem.js';

export const commentNotFound = defineProblem(
  404,
  'comment-not-found',
  '댓글을 찾을 수 없어요.',
  'Comment not found.',
);
/** A like is told of and counts towards a badge: it comes from somebody else. */
export const notYourOwnWalk = defineProblem(
  409,
  'not-your-own-walk',
  '내 산책에는 좋아요를 누를 수 없어요.',
  'You cannot like your own walk.',
);
