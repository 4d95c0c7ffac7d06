import { Logger } from '@nestjs/common';
import type { Socket } from 'socket.io';
import { languageOf, type Problem } from '../http/problem.js';
import { problemOf } from '../http/problem-of.js';

/** What an `error` event and a refused connection carry: the problem's code is what the app branches on. */
export interface SocketProblem {
  code: string;
  message: string;
  /** The message that caused it, if one did. */
  event?: string;
  errors?: { path: string; code: string; message: string }[];
}

const log = new Logger('Sockets');

/** Every error has an answer here as well; a fault of ours is logged once and shows nothing of its inside. */
export function socketProblemOf(error: unknown, socket: Socket, event?: string): SocketProblem {
  const problem = problemOf(error);
  if (problem.kind.status >= 500)
    log.error({ err: error, code: problem.kind.code, event, failure: 'message' }, 'message failed');
  return textOf(problem, socket, event);
}

function textOf({ kind, extra }: Problem, socket: Socket, event?: string): SocketProblem {
  const language = languageOf(socket.handshake.headers['accept-language']);
  return {
    ...extra.members,
    code: kind.code,
    message: kind.title[language],
    ...(event && { event }),
    ...(extra.errors && {
      errors: extra.errors.map(({ path, code, message }) => ({ path, code, message: message[language] })),
    }),
  };
}

/** Tells the reason and closes the connection for good: the client does not come back by itself. */
export function closeWith(problem: Problem, socket: Socket): void {
  socket.emit('error', textOf(problem, socket));
  socket.disconnect(true);
}
