import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { accountLeaving, accountSuspended, forbidden, unauthorized } from '../http/problem.js';
import { RouteFacts } from '../http/route-facts.js';
import { AccessTokens } from './access-tokens.js';
import {
  hasRole,
  IS_OPEN_TO_LEAVING,
  IS_OPEN_TO_SUSPENDED,
  IS_PUBLIC,
  NEEDED_ROLE,
  type Role,
  type Viewer,
  ViewerLookup,
} from './viewer.js';

/**
 * Closed by default: every route wants an access token, unless it is marked `@Public()`, of somebody who is not
 * suspended or leaving, unless it is marked `@OpenToSuspended()` or `@OpenToLeaving()`, and with the role that
 * `@ForRole()` names.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly facts: RouteFacts<{
    isPublic?: boolean;
    isOpenToSuspended?: boolean;
    isOpenToLeaving?: boolean;
    role?: Role;
  }>;

  constructor(
    reflector: Reflector,
    private readonly tokens: AccessTokens,
    private readonly viewers: ViewerLookup,
  ) {
    this.facts = new RouteFacts(reflector, (noted) => ({
      isPublic: noted(IS_PUBLIC),
      isOpenToSuspended: noted(IS_OPEN_TO_SUSPENDED),
      isOpenToLeaving: noted(IS_OPEN_TO_LEAVING),
      role: noted(NEEDED_ROLE),
    }));
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() === 'ws') return isAuthenticated(context);
    const route = this.facts.of(context);
    if (route.isPublic) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest & { user?: Viewer }>();
    const claims = this.tokens.claimsOf(request);
    // When that cannot be found out, it throws: a 401 would make the app log out.
    const viewer = claims && (await this.viewers.viewerOf(claims.sub, claims.sid));
    if (!viewer) throw unauthorized({ headers: { 'www-authenticate': 'Bearer' } });
    request.user = viewer;
    if (viewer.isSuspended && !route.isOpenToSuspended) throw accountSuspended();
    if (viewer.isLeaving && !route.isOpenToLeaving) throw accountLeaving();
    if (route.role && !hasRole(viewer.role, route.role)) throw forbidden();
    return true;
  }
}

/** A socket shows its token once, in its handshake: a message of one that was not asked for it goes nowhere. */
function isAuthenticated(context: ExecutionContext): boolean {
  const { data } = context.switchToWs().getClient<{ data: { viewer?: Viewer } }>();
  if (!data.viewer) throw unauthorized();
  return true;
}
