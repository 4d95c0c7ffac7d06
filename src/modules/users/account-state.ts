import type { UserRole } from '../../generated/prisma/enums.js';
import type { Transaction } from '../../platform/database/database.js';

/** From the commit on the user does not exist for others; null ends it. @returns false when nothing changed */
export async function setSuspended(tx: Transaction, userId: string, at: Date | null): Promise<boolean> {
  const { count } = await tx.prisma.user.updateMany({
    where: { id: userId, suspendedAt: at ? null : { not: null } },
    data: { suspendedAt: at },
  });
  return count > 0;
}

/** How long somebody who asked for the deletion of the account may come back. */
export const RESTORABLE_MS = 30 * 86_400_000;

/** When the account is erased; until then it can be restored. */
export const deletionScheduledAt = (requestedAt: Date | null): Date | null =>
  requestedAt && new Date(requestedAt.getTime() + RESTORABLE_MS);

/** From then on there is no way back. */
export async function isBeingErased(tx: Transaction, userId: string): Promise<boolean> {
  return (await tx.prisma.erasure.count({ where: { userId } })) > 0;
}

/** @returns false when nothing changed */
export async function setRole(tx: Transaction, userId: string, role: UserRole): Promise<boolean> {
  const { count } = await tx.prisma.user.updateMany({
    where: { id: userId, role: { not: role } },
    data: { role },
  });
  return count > 0;
}
