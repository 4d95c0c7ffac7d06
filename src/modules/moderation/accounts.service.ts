import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { hasRole, type Viewer } from '../../platform/auth/viewer.js';
import { Clock } from '../../platform/clock/clock.js';
import { type Connection, Database } from '../../platform/database/database.js';
import {
  pageBy,
  page,
  type PageQuery,
  readCursor,
  readCursorAs,
  writeCursorOf,
} from '../../platform/http/pagination.js';
import { forbidden } from '../../platform/http/problem.js';
import { Meetups } from '../meetups/index.js';
import { lockUser, setSuspended, userNotFound } from '../users/index.js';
import { writeDown } from './audit.js';
import { auditPage, findAccounts } from './moderation.queries.js';
import type { Account, AccountsQuery, SuspensionIn } from './moderation.schemas.js';

const lastId = z.tuple([z.uuid()]);

@Injectable()
export class Accounts {
  constructor(
    private readonly db: Database,
    private readonly meetups: Meetups,
    private readonly clock: Clock,
  ) {}

  async list({ q, suspended, cursor, limit }: AccountsQuery) {
    const id = z.uuid().safeParse(q).data ?? null;
    const rows = await findAccounts(this.db, {
      ...{ id, nicknameFrom: id ? null : (q ?? null), suspendedOnly: suspended },
      ...{ afterId: readCursorAs(lastId, cursor)?.[0] ?? null, count: limit + 1 },
    });
    return pageBy(rows, limit, (last) => writeCursorOf([last.id]));
  }

  /**
   * Saying it twice is saying it once.
   * @throws user-not-found; forbidden for somebody of the moderator's own role or above
   */
  async suspend(moderator: Viewer, userId: string, { suspended, reason }: SuspensionIn): Promise<Account> {
    return this.db.transaction(async (tx) => {
      await lockUser(tx, userId);
      const { role } = await getAccount(tx, userId);
      if (hasRole(role, moderator.role)) throw forbidden();
      const at = this.clock.now();
      if (await setSuspended(tx, userId, suspended ? at : null)) {
        if (suspended) await this.meetups.withdrawComing(tx, userId);
        const action = suspended ? 'suspend' : 'unsuspend';
        const target = { targetKind: 'user', targetId: userId } as const;
        await writeDown(tx, { actorId: moderator.userId, action, ...target, reason, at });
      }
      return getAccount(tx, userId);
    });
  }

  async auditLog({ cursor, limit }: PageQuery) {
    const rows = await auditPage(this.db, readCursor(cursor), limit + 1);
    return page(rows, limit, ({ at, id }) => ({ at, id }));
  }
}

async function getAccount(db: Connection, id: string): Promise<Account> {
  const asked = { id, nicknameFrom: null, suspendedOnly: false, afterId: null, count: 1 };
  const [account] = await findAccounts(db, asked);
  if (!account) throw userNotFound();
  return account;
}
