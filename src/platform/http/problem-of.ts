import { HttpException } from '@nestjs/common';
import { isUnavailable, sqlStateOf } from '../database/errors.js';
import * as problems from './problem.js';

const RETRY_SOON = { headers: { 'retry-after': '2' } };

/** By status: what Fastify, Nest and Node answer on their own (bad JSON, unknown route, oversized body, …). */
const BY_STATUS: Record<number, problems.ProblemFactory> = Object.fromEntries(
  [
    problems.badRequest,
    problems.unauthorized,
    problems.forbidden,
    problems.notFound,
    problems.methodNotAllowed,
    problems.requestTimeout,
    problems.conflict,
    problems.payloadTooLarge,
    problems.uriTooLong,
    problems.unsupportedMediaType,
    problems.validationFailed,
    problems.rateLimited,
    problems.headersTooLarge,
    problems.serviceUnavailable,
  ].map((factory) => [factory.kind.status, factory]),
);

/** The one table of database errors that reach the edge although no use case expected them. */
function problemOfSqlState(state: string | undefined): problems.Problem | undefined {
  if (state === '23505' || state === '40001' || state === '40P01') return problems.conflict();
  if (state === '23503' || state === 'P2025') return problems.notFound();
  if (state?.startsWith('22')) return problems.validationFailed(); // a value PostgreSQL cannot take
  if (state === '55P03') return problems.serviceUnavailable(RETRY_SOON);
  return undefined;
}

/** Every error has an answer; what is not understood is a 500 that tells nothing. */
export function problemOf(error: unknown): problems.Problem {
  if (error instanceof problems.Problem) return error;
  if (isUnavailable(error)) return problems.serviceUnavailable(RETRY_SOON);
  const ofDatabase = problemOfSqlState(sqlStateOf(error));
  if (ofDatabase) return ofDatabase;
  const status =
    error instanceof HttpException
      ? error.getStatus()
      : (error as { statusCode?: unknown } | null)?.statusCode;
  if (typeof status === 'number' && status >= 400 && status < 500)
    return (BY_STATUS[status] ?? problems.badRequest)();
  if (status === 503) return problems.serviceUnavailable(RETRY_SOON);
  return problems.internalError();
}
