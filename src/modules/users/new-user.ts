import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '../../platform/database/database.js';

const PRIVACY_SEED_BYTES = 32;

/** The user row of a first login. */
export async function createUser(
  tx: Transaction,
  { nickname, now }: { nickname: string; now: Date },
): Promise<{ id: string }> {
  tx.tally('signed-up');
  return tx.prisma.user.create({
    data: {
      id: uuidv7({ msecs: now.getTime() }),
      nickname,
      privacySeed: Uint8Array.from(randomBytes(PRIVACY_SEED_BYTES)),
      createdAt: now,
    },
    select: { id: true },
  });
}
