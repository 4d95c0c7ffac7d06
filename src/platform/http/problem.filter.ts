import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Socket } from 'socket.io';
import { socketProblemOf } from '../sockets/socket-problem.js';
import { languageOf, PROBLEM_CONTENT_TYPE, type Problem, problemBody } from './problem.js';
import { problemOf } from './problem-of.js';

/** Writes every error as problem+json, or as an `error` event; a 5xx is logged once, and shows nothing of its inside. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    if (host.getType() === 'ws') {
      const ws = host.switchToWs();
      const socket = ws.getClient<Socket>();
      socket.emit('error', socketProblemOf(error, socket, ws.getPattern()));
      return;
    }
    const http = host.switchToHttp();
    answerError(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }
}

export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(error);
  if (problem.kind.status >= 500)
    request.log.error(
      {
        err: error,
        code: problem.kind.code,
        status: problem.kind.status,
        method: request.method,
        route: request.routeOptions.url ?? 'unknown',
        failure: 'request',
      },
      'request failed',
    );
  if (!reply.sent) sendProblem(problem, request, reply);
}

function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): void {
  const language = languageOf(request.headers['accept-language']);
  void reply
    .code(problem.kind.status)
    .headers({
      ...problem.extra.headers,
      'cache-control': 'no-store',
      'content-language': language,
      // Set again: an address that cannot be read is answered before any hook.
      'x-request-id': request.id,
      'x-content-type-options': 'nosniff',
    })
    .type(PROBLEM_CONTENT_TYPE)
    .serializer(JSON.stringify)
    .send(problemBody(problem, request.id, language));
}
