import { type Connection, statement, type Transaction } from '../../platform/database/database.js';

const lockRow = statement<{ id: string }>(
  'user_lock',
  `select id from users where id = $1::uuid for no key update`,
);

/** Makes what counts a user's things wait its turn until the transaction ends (pets, places in a quota). */
export async function lockUser(tx: Transaction, userId: string): Promise<void> {
  await tx.rows(lockRow, [userId]);
}

export interface Privacy {
  seed: Uint8Array;
  revision: number;
  zones: { lat: number; lng: number; radiusM: number }[];
}

/** What hides the user's places from everybody else. Never leaves the server. */
export async function privacyOf(db: Connection, userId: string): Promise<Privacy | null> {
  const user = await db.prisma.user.findUnique({
    where: { id: userId },
    select: {
      privacySeed: true,
      privacyRevision: true,
      privacyZones: { select: { lat: true, lng: true, radiusM: true }, orderBy: { id: 'asc' } },
    },
  });
  return user && { seed: user.privacySeed, revision: user.privacyRevision, zones: user.privacyZones };
}

/** Whether the user took the consent to the use of location back: the newest record of it holds. */
export async function isLocationConsentWithdrawn(db: Connection, userId: string): Promise<boolean> {
  const newest = await db.prisma.consent.findFirst({
    where: { userId, kind: 'location' },
    orderBy: [{ at: 'desc' }, { id: 'desc' }],
    select: { granted: true },
  });
  return newest?.granted === false;
}
