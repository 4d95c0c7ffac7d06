import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { accountLeaving, accountSuspended, forbidden, unauthorized } from '../http/problem.js';
import {
  hasRole,
  IS_OPEN_TO_LEAVING,
  IS_OPEN_TO_SUSPENDED,
  IS_PUBLIC,
  NEEDED_ROLE,
  type Role,
  type Viewer,
} from './viewer.js';

/**
 * Closed by default: every route wants an access token, unless it is marked `@Public()`, of somebody who is not
 * suspended or leaving, unless it is marked `@OpenToSuspended()` or `@OpenToLeaving()`, and with the role that
 * `@ForRole()` names.
 */
@Injectable()
export class AccessGuard extends AuthGuard('jwt') {
  constructor(private readonly reflector: Reflector) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() === 'ws') return isAuthenticated(context);
    if (this.noted(IS_PUBLIC, context)) return true;
    await super.canActivate(context);
    const { user: viewer } = context.switchToHttp().getRequest<{ user: Viewer }>();
    if (viewer.isSuspended && !this.noted(IS_OPEN_TO_SUSPENDED, context)) throw accountSuspended();
    if (viewer.isLeaving && !this.noted(IS_OPEN_TO_LEAVING, context)) throw accountLeaving();
    const role = this.noted<Role>(NEEDED_ROLE, context);
    if (role && !hasRole(viewer.role, role)) throw forbidden();
    return true;
  }

  override handleRequest<T>(error: unknown, viewer: T | false): T {
    if (error instanceof Error) throw error; // a fault of ours: a 401 would make the app log out
    if (!viewer) throw unauthorized({ headers: { 'www-authenticate': 'Bearer' } });
    return viewer;
  }

  private noted<T = boolean>(key: symbol, context: ExecutionContext): T | undefined {
    return this.reflector.getAllAndOverride<T | undefined>(key, [context.getHandler(), context.getClass()]);
  }
}

/** A socket shows its token once, in its handshake: a message of one that was not asked for it goes nowhere. */
function isAuthenticated(context: ExecutionContext): boolean {
  const { data } = context.switchToWs().getClient<{ data: { viewer?: Viewer } }>();
  if (!data.viewer) throw unauthorized();
  return true;
}
