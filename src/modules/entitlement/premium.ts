import type { Connection } from '../../platform/database/database.js';
import { premiumRequired } from './entitlement.errors.js';
import { premiumUntilOf } from './entitlement.queries.js';

/** What premium opens, as the app names it. */
export const UNLOCKS = [
  'unlimited-pets',
  'full-history-statistics',
  'share-card-themes',
  'streak-shields',
  'ranking-history',
] as const;
export type Unlock = (typeof UNLOCKS)[number];

/**
 * @param limit what there is without premium, where it is a matter of how much
 * @throws premium-required with what it would unlock
 */
export async function requirePremium(
  db: Connection,
  userId: string,
  now: Date,
  unlock: Unlock,
  limit?: number,
): Promise<void> {
  if (await premiumUntilOf(db, userId, now)) return;
  throw premiumRequired({ members: { unlocks: [unlock], ...(limit !== undefined && { limit }) } });
}
