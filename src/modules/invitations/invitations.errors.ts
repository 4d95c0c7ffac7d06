import { defineProblem } from '../../platform/http/problem.js';

export const invitationNotFound = defineProblem(
  404,
  'invitation-not-found',
  '초대를 찾을 수 없어요.',
  'Invitation not found.',
);
/** A private profile is invited by those whom it lets see it, or whom it follows. */
export const invitationNotAllowed = defineProblem(
  403,
  'invitation-not-allowed',
  '비공개 프로필이라 초대할 수 없어요.',
  'This profile is private: follow it to invite.',
);
/** Member `invitationId`: the one that waits for an answer. */
export const invitationPending = defineProblem(
  409,
  'invitation-pending',
  '이미 초대하고 답을 기다리고 있어요.',
  'You have invited this person already.',
);
/** Member `limit`. */
export const tooManyInvitations = defineProblem(
  409,
  'too-many-invitations',
  '답을 기다리는 초대가 너무 많아요.',
  'Too many of your invitations wait for an answer.',
);
/** Member `limit`: invitations to one person in 24 h. */
export const invitedTooOften = defineProblem(
  409,
  'invited-too-often',
  '오늘은 이 사람을 더 초대할 수 없어요.',
  'This person cannot be invited again today.',
);
export const invitationExpired = defineProblem(
  409,
  'invitation-expired',
  '시간이 지난 초대예요.',
  'The invitation has expired.',
);
/** Member `state`: what it is by now. */
export const invitationSettled = defineProblem(
  409,
  'invitation-settled',
  '이미 끝난 초대예요.',
  'The invitation is no longer open.',
);
