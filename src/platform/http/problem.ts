/** A text a user may read, in the two languages of the app. */
export interface Localized {
  ko: string;
  en: string;
}

export interface ProblemKind {
  /** Stable, kebab-case: what the app branches on. */
  code: string;
  status: number;
  title: Localized;
}

/** A fault in one field. `path` is dotted, as in `points.3.lat`; empty for the whole input. */
export interface FieldError {
  path: string;
  code: string;
  message: Localized;
}

export interface ProblemExtra {
  detail?: Localized;
  errors?: FieldError[];
  /** Extension members (RFC 9457 §3.2), such as the id of the walk that is in the way. */
  members?: Record<string, unknown>;
  headers?: Record<string, string>;
}

/** An answer of the RFC 9457 kind, thrown anywhere and written by the one filter. */
export class Problem extends Error {
  constructor(
    readonly kind: ProblemKind,
    readonly extra: ProblemExtra = {},
  ) {
    super(kind.code);
    this.name = 'Problem';
  }
}

/** Defines a problem once; the result is a factory for throwing it: `throw walkNotFound()`. */
export function defineProblem(status: number, code: string, ko: string, en: string) {
  const kind: ProblemKind = { status, code, title: { ko, en } };
  return Object.assign((extra?: ProblemExtra) => new Problem(kind, extra), { kind });
}

export type ProblemFactory = ReturnType<typeof defineProblem>;

export const badRequest = defineProblem(
  400,
  'bad-request',
  '요청 형식이 올바르지 않아요.',
  'The request is malformed.',
);
export const unauthorized = defineProblem(401, 'unauthorized', '로그인이 필요해요.', 'Please log in.');
export const forbidden = defineProblem(403, 'forbidden', '권한이 없어요.', 'You may not do this.');
export const accountSuspended = defineProblem(
  403,
  'account-suspended',
  '이용이 정지된 계정이에요.',
  'This account is suspended.',
);
export const accountLeaving = defineProblem(
  403,
  'account-leaving',
  '탈퇴를 신청한 계정이에요. 복구하면 다시 쓸 수 있어요.',
  'The deletion of this account was requested. Restore it to go on.',
);
export const notFound = defineProblem(404, 'not-found', '찾을 수 없어요.', 'Not found.');
export const methodNotAllowed = defineProblem(
  405,
  'method-not-allowed',
  '지원하지 않는 요청 방식이에요.',
  'Method not allowed.',
);
export const conflict = defineProblem(
  409,
  'conflict',
  '다른 변경과 겹쳤어요. 다시 시도해 주세요.',
  'This conflicts with another change. Please try again.',
);
export const payloadTooLarge = defineProblem(
  413,
  'payload-too-large',
  '보낸 내용이 너무 커요.',
  'The request body is too large.',
);
export const uriTooLong = defineProblem(
  414,
  'uri-too-long',
  '주소가 너무 길어요.',
  'The address is too long.',
);
export const unsupportedMediaType = defineProblem(
  415,
  'unsupported-media-type',
  '지원하지 않는 형식이에요.',
  'Unsupported media type.',
);
export const expectationFailed = defineProblem(
  417,
  'expectation-failed',
  '요청이 기대하는 것을 할 수 없어요.',
  'What the request expects cannot be met.',
);
export const validationFailed = defineProblem(
  422,
  'validation-failed',
  '입력한 내용을 확인해 주세요.',
  'Please check the input.',
);
export const headersTooLarge = defineProblem(
  431,
  'headers-too-large',
  '요청 헤더가 너무 커요.',
  'The request headers are too large.',
);
export const requestTimeout = defineProblem(
  408,
  'request-timeout',
  '요청이 너무 오래 걸렸어요.',
  'The request took too long.',
);
export const rateLimited = defineProblem(
  429,
  'rate-limited',
  '요청이 너무 많아요. 조금 뒤에 다시 시도해 주세요.',
  'Too many requests. Please try again later.',
);
export const internalError = defineProblem(
  500,
  'internal-error',
  '잠시 문제가 생겼어요. 다시 시도해 주세요.',
  'Something went wrong. Please try again.',
);
export const serviceUnavailable = defineProblem(
  503,
  'service-unavailable',
  '잠시 이용할 수 없어요. 조금 뒤에 다시 시도해 주세요.',
  'Temporarily unavailable. Please try again shortly.',
);

export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail?: string;
  code: string;
  requestId: string;
  errors?: { path: string; code: string; message: string }[];
  [member: string]: unknown;
}

export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';

/** Korean unless the client asks for English first. */
export function languageOf(acceptLanguage: string | undefined): keyof Localized {
  const first = acceptLanguage?.split(',', 1)[0]?.trim().toLowerCase();
  return first?.startsWith('en') ? 'en' : 'ko';
}

export function problemBody(problem: Problem, requestId: string, language: keyof Localized): ProblemBody {
  const { kind, extra } = problem;
  return {
    ...extra.members,
    type: `urn:withbowwow:problem:${kind.code}`,
    title: kind.title[language],
    status: kind.status,
    ...(extra.detail && { detail: extra.detail[language] }),
    code: kind.code,
    requestId,
    ...(extra.errors && {
      errors: extra.errors.map(({ path, code, message }) => ({ path, code, message: message[language] })),
    }),
  };
}
