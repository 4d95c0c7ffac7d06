import { statement, type Transaction } from '../../../platform/database/database.js';
import { isOver, type Standing, stateAt } from '../../entitlement/index.js';

const renewing = statement<{ standing: Standing }>(
  'toss_renewing_subscriptions',
  `select standing::json as standing from subscriptions where user_id = $1::uuid and renews`,
);

/** Whether a subscription of the user, of any store, will be charged again by itself. */
export async function isRenewing(tx: Transaction, userId: string, now: Date): Promise<boolean> {
  const rows = await tx.rows(renewing, [userId]);
  return rows.some(({ standing }) => !isOver(stateAt(standing, now.getTime())));
}
