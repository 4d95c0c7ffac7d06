import type { Transaction } from '../../platform/database/database.js';
import { lockPair } from '../users/index.js';
import { walkerOfVisible, walkNotFound } from '../walks/index.js';

/**
 * The walker of a walk that the viewer sees. Both are held until the transaction ends: a block in between would leave
 * the note to the walker behind.
 * @throws walk-not-found
 */
export async function holdWalker(tx: Transaction, viewerId: string, walkId: string): Promise<string> {
  const walkerId = await walkerOfVisible(tx, viewerId, walkId);
  if (!walkerId) throw walkNotFound();
  await lockPair(tx, viewerId, walkerId);
  if (!(await walkerOfVisible(tx, viewerId, walkId))) throw walkNotFound();
  return walkerId;
}
