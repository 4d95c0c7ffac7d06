import '@nestjs/common';
import '@nestjs/core';

/**
 * `@nestjs/throttler`, when Nest is there: it is CommonJS that requires Nest's ES modules, which Jest refuses while it
 * is still linking them.
 */
export const {
  InjectThrottlerOptions,
  InjectThrottlerStorage,
  SkipThrottle,
  ThrottlerGuard,
  ThrottlerModule,
} = await import('@nestjs/throttler');

/** Where `@SkipThrottle()` notes it. */
export const SKIPPED = 'THROTTLER:SKIPdefault';
