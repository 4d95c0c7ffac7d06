import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { ThrottlerModuleOptions } from '@nestjs/throttler';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccessTokens } from '../auth/access-tokens.js';
import { NEEDED_ROLE } from '../auth/viewer.js';
import { rateLimited } from '../http/problem.js';
import { RouteFacts } from '../http/route-facts.js';
import { LimitStore } from './limit-store.js';
import { LIMITED_AS, type LimitName, LIMITS } from './limits.js';
import { InjectThrottlerOptions, InjectThrottlerStorage, SKIPPED, ThrottlerGuard } from './throttler.js';

/**
 * The first guard: every request counts once, before anything is asked of the database. The signature of its access
 * token says whose it is, also when that has expired: the phone has to hear 401 to refresh it. Without a token of ours
 * it counts for its address, whatever route it is for. Of `@nestjs/throttler` there is the guard with its tracker, and
 * `@SkipThrottle`.
 */
@Injectable()
export class LimitsGuard extends ThrottlerGuard {
  private readonly facts: RouteFacts<{ isSkipped: boolean; name: LimitName }>;

  constructor(
    @InjectThrottlerOptions() options: ThrottlerModuleOptions,
    @InjectThrottlerStorage() private readonly store: LimitStore,
    reflector: Reflector,
    private readonly tokens: AccessTokens,
  ) {
    super(options, store, reflector);
    this.facts = new RouteFacts(reflector, (noted) => ({
      isSkipped: noted<boolean>(SKIPPED) === true,
      name: noted<LimitName>(LIMITED_AS) ?? (noted(NEEDED_ROLE) === undefined ? 'user' : 'desk'),
    }));
  }

  /** Messages of a socket have their own budget. @throws rate-limited */
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const route = this.facts.of(context);
    if (route.isSkipped) return true;
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const userId = this.tokens.subjectOf(request);
    const name = LIMITS[route.name].per === 'user' && userId === null ? 'anonymous' : route.name;
    const who = LIMITS[name].per === 'user' ? userId! : await this.getTracker(request as never);
    const { totalHits, timeToExpire, isBlocked } = await this.store.count(name, who);

    const count = this.store.countOf(name);
    const left = Math.max(0, count - totalHits);
    void http.getResponse<FastifyReply>().headers({
      'ratelimit-policy': `"${name}";q=${count};w=${LIMITS[name].windowS}`,
      ratelimit: `"${name}";r=${left};t=${timeToExpire}`,
    });
    if (isBlocked) throw rateLimited({ headers: { 'retry-after': String(timeToExpire) } });
    return true;
  }
}
