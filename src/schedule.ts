import { purgeExpiredLogins } from './modules/auth/index.js';
import { abandonSilentWalks, purgeRawPoints, settleAwaitingWalks } from './modules/walks/index.js';
import { purgeIdempotencyKeys } from './platform/http/idempotency.js';
import type { ScheduleEntry } from './platform/queue/schedule.js';

/** Everything that happens by itself, in Korean time. */
export const schedule: readonly ScheduleEntry[] = [
  { job: abandonSilentWalks, cron: '*/10 * * * *' },
  { job: settleAwaitingWalks, cron: '5 * * * *' },
  { job: purgeRawPoints, cron: '0 4 * * *' },
  { job: purgeExpiredLogins, cron: '20 4 * * *' },
  { job: purgeIdempotencyKeys, cron: '40 * * * *' },
];
