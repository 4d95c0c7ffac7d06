import type { components } from '../../test/client/api.js';
import type { ProblemCode as KnownCode } from '../../test/client/extras.js';

/** Codes of today; a newer server may answer others. */
export type ProblemCode = KnownCode | (string & {});

export interface FieldFault {
  /** Dotted, as in `points.3.lat`. */
  path: string;
  code: string;
  message: string;
}

/** What the server answered instead of what was asked (RFC 9457). Its message is for the user, in their language. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly code: ProblemCode;
  readonly status: number;
  readonly requestId: string;
  readonly errors: readonly FieldFault[];
  /** Everything else that the problem says, as `state` or `unlocks`. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(problem: components['schemas']['Problem'], status: number) {
    super(problem.detail ?? problem.title);
    const { type: _type, title: _title, status: _status, detail: _detail, ...rest } = problem;
    const { code, requestId, errors = [], ...members } = rest;
    this.code = code;
    this.status = status;
    this.requestId = requestId;
    this.errors = errors;
    this.members = members;
  }
}

/**
 * What was answered, or the problem as an error.
 * @throws ApiProblem
 */
export async function unwrap<T>(
  asked: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await asked;
  if (response.ok) return data as T;
  throw problemOf(error, response);
}

/** Also of an answer that is none of ours, as a proxy's page is. */
export function problemOf(body: unknown, { status }: Response): ApiProblem {
  const problem = body as Partial<components['schemas']['Problem']> | null | undefined;
  if (typeof problem === 'object' && typeof problem?.code === 'string')
    return new ApiProblem(problem as components['schemas']['Problem'], status);
  const code = status === 503 ? 'service-unavailable' : 'not-a-problem';
  return new ApiProblem(
    { type: 'about:blank', title: `HTTP ${status}`, status, code, requestId: '' },
    status,
  );
}
