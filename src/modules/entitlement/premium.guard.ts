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
import { premiumRequired } from './entitlement.errors.js';
import { premiumUntilOf } from './entitlement.queries.js';

/** What premium opens, as the app names it. */
export type Unlock =
  'unlimited-pets' | 'full-history-statistics' | 'share-card-themes' | 'streak-shields' | 'ranking-history';

const UNLOCKS = Symbol('UNLOCKS');

@Injectable()
export class PremiumGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { user: viewer } = context.switchToHttp().getRequest<{ user: Viewer }>();
    if (await premiumUntilOf(this.db, viewer.userId, this.clock.now())) return true;
    throw premiumRequired({
      members: { unlocks: [this.reflector.get<Unlock>(UNLOCKS, context.getHandler())] },
    });
  }
}

/** The route is for whoever has premium; others get 403 `premium-required` with what it would unlock. */
export const RequiresPremium = (unlock: Unlock) =>
  applyDecorators(SetMetadata(UNLOCKS, unlock), UseGuards(PremiumGuard), ApiExtension('x-premium', unlock));
