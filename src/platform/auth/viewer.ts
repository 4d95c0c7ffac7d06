import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** Who is asking: what ownership and visibility are judged by. */
export interface Viewer {
  userId: string;
  sessionId: string;
  role: 'user' | 'moderator' | 'admin';
}

/** Finds the viewer behind a token; null when the session ended or the user is gone. Implemented by the auth module. */
export abstract class ViewerLookup {
  abstract viewerOf(userId: string, sessionId: string): Promise<Viewer | null>;
}

export const IS_PUBLIC = Symbol('IS_PUBLIC');

/** The exception to "closed by default": the route wants no token. */
export const Public = () => SetMetadata(IS_PUBLIC, true);

/** The parameter that carries the viewer. */
export const AskedBy = createParamDecorator(
  (_: unknown, context: ExecutionContext): Viewer =>
    context.switchToHttp().getRequest<FastifyRequest & { user: Viewer }>().user,
);
