import { defineProblem, validationFailed } from '../../platform/http/problem.js';

export const meetupNotFound = defineProblem(
  404,
  'meetup-not-found',
  '모임을 찾을 수 없어요.',
  'Meetup not found.',
);
export const participationNotFound = defineProblem(
  404,
  'participation-not-found',
  '참가하지 않은 모임이에요.',
  'You do not take part in this meetup.',
);
export const meetupFull = defineProblem(409, 'meetup-full', '자리가 다 찼어요.', 'The meetup is full.');
/** Member `state`: `closed` when it has begun, or `cancelled`. */
export const meetupClosed = defineProblem(
  409,
  'meetup-closed',
  '이미 시작했거나 취소된 모임이에요.',
  'The meetup has begun or was cancelled.',
);
export const alreadyJoined = defineProblem(
  409,
  'already-joined',
  '이미 참가한 모임이에요.',
  'You take part in this meetup already.',
);
export const hostCannotLeave = defineProblem(
  409,
  'host-cannot-leave',
  '내가 연 모임이에요. 취소할 수만 있어요.',
  'It is your own meetup: cancel it instead.',
);
/** Member `misfits`: of `weight` and `temperament`. */
export const petDoesNotFit = defineProblem(
  409,
  'pet-does-not-fit',
  '이 모임의 참가 조건에 맞지 않는 반려동물이에요.',
  'This dog does not fit the limits of the meetup.',
);
export const capacityTaken = defineProblem(
  409,
  'capacity-below-participants',
  '이미 참가한 사람보다 적게 줄일 수 없어요.',
  'More people than that take part already.',
);
/** Member `limit`. */
export const tooManyMeetups = defineProblem(
  409,
  'too-many-meetups',
  '열어 둔 모임이 너무 많아요.',
  'You host too many coming meetups.',
);

export const petNeeded = () =>
  validationFailed({
    errors: [
      {
        path: 'petId',
        code: 'required',
        message: { ko: '함께 갈 반려동물을 골라 주세요.', en: 'Choose the dog that comes along.' },
      },
    ],
  });
export const petNotYours = () =>
  validationFailed({
    errors: [
      {
        path: 'petId',
        code: 'unknown-pet',
        message: { ko: '등록한 반려동물이 아니에요.', en: 'Not one of your pets.' },
      },
    ],
  });
