import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { unauthorized } from '../http/problem.js';
import { IS_PUBLIC } from './viewer.js';

/** Closed by default: every route wants an access token, unless it is marked `@Public()`. */
@Injectable()
export class AccessGuard extends AuthGuard('jwt') {
  constructor(private readonly reflector: Reflector) {
    super();
  }

  override canActivate(context: ExecutionContext) {
    const isPublic = this.reflector.getAllAndOverride<boolean | undefined>(IS_PUBLIC, [
      context.getHandler(),
      context.getClass(),
    ]);
    return isPublic ? true : super.canActivate(context);
  }

  override handleRequest<T>(error: unknown, viewer: T | false): T {
    if (error instanceof Error) throw error; // a fault of ours: a 401 would make the app log out
    if (!viewer) throw unauthorized({ headers: { 'www-authenticate': 'Bearer' } });
    return viewer;
  }
}
