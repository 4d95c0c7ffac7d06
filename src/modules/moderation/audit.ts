import { v7 as uuidv7 } from 'uuid';
import type { AuditTarget, ModerationAction, UserRole } from '../../generated/prisma/enums.js';
import type { Transaction } from '../../platform/database/database.js';
import { setRole } from '../users/index.js';

export interface Act {
  /** Null: the operator's command line. */
  actorId: string | null;
  action: ModerationAction;
  targetKind: AuditTarget;
  targetId: string;
  reportId?: string;
  reason: string;
  at: Date;
}

/** In the transaction of the act itself: neither is there without the other. */
export async function writeDown(tx: Transaction, act: Act): Promise<void> {
  await tx.prisma.auditEntry.create({
    data: { id: uuidv7({ msecs: act.at.getTime() }), ...act },
    select: { id: true },
  });
}

/** For the operator's command line; no route gives a role. @returns false when there is nobody, or nothing changes */
export async function grantRole(
  tx: Transaction,
  { userId, role, now }: { userId: string; role: UserRole; now: Date },
): Promise<boolean> {
  if (!(await setRole(tx, userId, role))) return false;
  await writeDown(tx, {
    ...{ actorId: null, action: 'grant_role', targetKind: 'user', targetId: userId, reason: role },
    at: now,
  });
  return true;
}
