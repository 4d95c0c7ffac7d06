import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { LimitsGuard } from '../limits/limits.guard.js';
import { AccessGuard } from './access.guard.js';
import { AccessTokens } from './access-tokens.js';

/** Tokens and the global guards, in their order. The auth module provides the `ViewerLookup`. */
@Global()
@Module({
  providers: [
    AccessTokens,
    { provide: APP_GUARD, useClass: LimitsGuard },
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [AccessTokens],
})
export class AuthPlatformModule {}
