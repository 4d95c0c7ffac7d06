import {
  applyDecorators,
  type CanActivate,
  type ExecutionContext,
  Injectable,
  SetMetadata,
  UseGuards,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiExtension } from '@nestjs/swagger';
import type { Viewer } from '../../platform/auth/viewer.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { requirePremium, type Unlock } from './premium.js';

const UNLOCK = Symbol('UNLOCK');

@Injectable()
export class PremiumGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { user: viewer } = context.switchToHttp().getRequest<{ user: Viewer }>();
    const unlock = this.reflector.get<Unlock>(UNLOCK, context.getHandler());
    await requirePremium(this.db, viewer.userId, this.clock.now(), unlock);
    return true;
  }
}

/** The route is for whoever has premium; others get 403 `premium-required` with what it would unlock. */
export const RequiresPremium = (unlock: Unlock) =>
  applyDecorators(SetMetadata(UNLOCK, unlock), UseGuards(PremiumGuard), ApiExtension('x-premium', unlock));
