import { defineProblem } from '../../platform/http/problem.js';

export const roomNotFound = defineProblem(
  404,
  'room-not-found',
  '함께 걷기 방을 찾을 수 없어요.',
  'Room not found.',
);
export const roomNotOpen = defineProblem(
  409,
  'room-not-open',
  '아직 열리지 않은 방이에요.',
  'The room is not open yet.',
);
export const alreadyInRoom = defineProblem(
  409,
  'already-in-room',
  '이미 다른 방에서 함께 걷고 있어요.',
  'This connection is in another room already.',
);
export const notInRoom = defineProblem(409, 'not-in-room', '먼저 방에 들어가 주세요.', 'Join a room first.');
export const locationConsentNeeded = defineProblem(
  403,
  'location-consent-needed',
  '위치 이용에 동의해야 함께 걷기를 할 수 있어요.',
  'Your location can be shared only with your consent to its use.',
);

/** Why a connection was closed. */
export const sessionEnded = defineProblem(
  401,
  'session-ended',
  '로그아웃되었어요. 다시 로그인해 주세요.',
  'The session ended. Please log in again.',
);
export const tokenExpired = defineProblem(
  401,
  'token-expired',
  '다시 연결해 주세요.',
  'The access token expired: connect again with a new one.',
);
export const tooManyConnections = defineProblem(
  429,
  'too-many-connections',
  '다른 기기에서 새로 연결되어 이 연결을 닫았어요.',
  'Closed in favour of a newer connection.',
);
export const tooManyMessages = defineProblem(
  429,
  'too-many-messages',
  '너무 많은 메시지를 보내서 연결을 닫았어요.',
  'Too many messages.',
);
