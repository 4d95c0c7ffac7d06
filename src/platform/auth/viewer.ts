import { applyDecorators, createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';

/** Who is asking: what ownership and visibility are judged by. */
export interface Viewer {
  userId: string;
  sessionId: string;
  role: Role;
  isSuspended: boolean;
  /** Asked for the deletion of the account, and may still take it back. */
  isLeaving: boolean;
}

export type Role = 'user' | 'moderator' | 'admin';
const ROLES: readonly Role[] = ['user', 'moderator', 'admin'];

/** An admin may what a moderator may. */
export const hasRole = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);

/** Finds the viewer behind a token; null when the session ended or the user is gone. Implemented by the auth module. */
export abstract class ViewerLookup {
  abstract viewerOf(userId: string, sessionId: string): Promise<Viewer | null>;
}

export const IS_PUBLIC = Symbol('IS_PUBLIC');

/** The exception to "closed by default": the route wants no token. */
export const Public = () => SetMetadata(IS_PUBLIC, true);

export const NEEDED_ROLE = Symbol('NEEDED_ROLE');

/** The route, or all of a controller's, is for whoever has this role; others get 403 `forbidden`. */
export const ForRole = (role: Role) =>
  applyDecorators(SetMetadata(NEEDED_ROLE, role), ApiExtension('x-role', role));

export const IS_OPEN_TO_SUSPENDED = Symbol('IS_OPEN_TO_SUSPENDED');

/**
 * The exception for somebody who is suspended: to see and take away what is their own. Everywhere else they get 403
 * `account-suspended`.
 */
export const OpenToSuspended = () =>
  applyDecorators(SetMetadata(IS_OPEN_TO_SUSPENDED, true), ApiExtension('x-open-to-suspended', true));

export const IS_OPEN_TO_LEAVING = Symbol('IS_OPEN_TO_LEAVING');

/**
 * The exception for somebody whose account is about to be deleted: to come back, to take away what is their own, to
 * settle payments. Everywhere else they get 403 `account-leaving`.
 */
export const OpenToLeaving = () =>
  applyDecorators(SetMetadata(IS_OPEN_TO_LEAVING, true), ApiExtension('x-open-to-leaving', true));

/** The parameter that carries the viewer. */
export const AskedBy = createParamDecorator(
  (_: unknown, context: ExecutionContext): Viewer =>
    context.switchToHttp().getRequest<FastifyRequest & { user: Viewer }>().user,
);
