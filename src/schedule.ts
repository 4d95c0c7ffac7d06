import type { ScheduleEntry } from './platform/queue/schedule.js';

/** Everything that happens by itself, in Korean time. */
export const schedule: readonly ScheduleEntry[] = [];
