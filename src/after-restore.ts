import { forgetWaitingPushes } from './modules/notifications/index.js';
import { tellCharges, tellPriceRaises } from './modules/payments/index.js';
import { tellSeasonDeadlines } from './modules/badges/index.js';
import { remindOfWalks } from './modules/reminders/index.js';
import type { Database } from './platform/database/database.js';
import { latestSlot } from './platform/queue/schedule.js';
import { schedule } from './schedule.js';

/** Their slots are not made up after a restore: they told people already. */
const TELLING = new Set(
  [remindOfWalks, tellSeasonDeadlines, tellCharges, tellPriceRaises].map(({ name }) => name),
);

/**
 * Keeps a database that is as it was at `takenAt` from telling people again what they were told since. All else is done
 * again on purpose: jobs make the effect equal to the rows, and Toss knows an order by the same id.
 */
export async function settleRestored(
  db: Database,
  { takenAt, now }: { takenAt: Date; now: Date },
): Promise<void> {
  const told = schedule
    .filter(({ job }) => TELLING.has(job.name))
    .map(({ job, cron }) => ({ name: job.name, slotAt: latestSlot(cron, now) }))
    .filter(({ slotAt }) => slotAt > takenAt);
  await db.transaction(async (tx) => {
    await forgetWaitingPushes(tx, now);
    await tx.prisma.scheduleRun.createMany({ data: told, skipDuplicates: true });
  });
}
