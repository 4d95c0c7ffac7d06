import { defineProblem, type FieldError, validationFailed } from '../../platform/http/problem.js';

export const walkNotFound = defineProblem(404, 'walk-not-found', '산책을 찾을 수 없어요.', 'Walk not found.');
export const locationConsentNeeded = defineProblem(
  403,
  'location-consent-needed',
  '위치 이용에 동의해야 산책을 기록할 수 있어요.',
  'A walk can be recorded only with your consent to the use of your location.',
);
export const walkAlreadyOpen = defineProblem(
  409,
  'walk-already-open',
  '이미 기록 중인 산책이 있어요.',
  'A walk is already being recorded.',
);
export const walkIdTaken = defineProblem(
  409,
  'walk-id-taken',
  '이미 쓰인 산책 번호예요.',
  'This walk id is already in use.',
);
export const walkDeleted = defineProblem(409, 'walk-deleted', '삭제한 산책이에요.', 'This walk was deleted.');
export const walkClosed = defineProblem(
  409,
  'walk-closed',
  '끝난 지 오래된 산책에는 위치를 더할 수 없어요.',
  'This walk ended too long ago to take more points.',
);
export const walkNotCompleted = defineProblem(
  409,
  'walk-not-completed',
  '아직 완료하지 않은 산책이에요.',
  'This walk is not completed yet.',
);
export const rawPointsGone = defineProblem(
  409,
  'raw-points-gone',
  '원본 위치 기록을 지운 산책은 잘라낼 수 없어요.',
  'The raw points of this walk were purged; it cannot be cropped any more.',
);
export const tooManyPoints = defineProblem(
  413,
  'too-many-points',
  '산책 하나에 담을 수 있는 위치 수를 넘었어요.',
  'Too many points for one walk.',
);
export const gpxRejected = defineProblem(
  422,
  'gpx-rejected',
  'GPX 파일을 읽을 수 없어요.',
  'The GPX file cannot be read.',
);

/** A pet that is not there, or not the walker's: the two look alike. */
export const petNotYours = (index: number) => {
  const error: FieldError = {
    path: `petIds.${index}`,
    code: 'unknown-pet',
    message: { ko: '등록한 반려동물이 아니에요.', en: 'Not one of your pets.' },
  };
  return validationFailed({ errors: [error] });
};
