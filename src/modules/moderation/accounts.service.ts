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
import { premiumUntilOf, type Standing, stateAt } from '../entitlement/index.js';
import { Meetups } from '../meetups/index.js';
import { lockUser, setSuspended, userNotFound } from '../users/index.js';
import { writeDown } from './audit.js';
import { auditAboutUser, auditPage, countReportsAbout, findAccounts } from './moderation.queries.js';
import type { Account, AccountsQuery, AccountView, SuspensionIn } from './moderation.schemas.js';

const SUBSCRIPTIONS_SHOWN = 20;
const HISTORY_SHOWN = 20;
const lastId = z.tuple([z.uuid()]);

@Injectable()
export class Accounts {
  constructor(
    private readonly db: Database,
    private readonly meetups: Meetups,
    private readonly clock: Clock,
  ) {}

  async list({ q, suspended, cursor, limit }: AccountsQuery) {
    const by = q === undefined ? 'any' : z.uuid().safeParse(q).success ? 'id' : 'nickname';
    const rows = await findAccounts(this.db, {
      ...{ q: q ?? null, by, suspendedOnly: suspended },
      ...{ afterId: readCursorAs(lastId, cursor)?.[0] ?? null, count: limit + 1 },
    });
    return pageBy(rows, limit, (last) => writeCursorOf([last.id]));
  }

  /**
   * What is to know about an account, without what is private: no route, no position, no content. Each look is
   * written down: it is personal data.
   * @throws user-not-found
   */
  async view(moderator: Viewer, userId: string): Promise<AccountView> {
    const now = this.clock.now();
    return this.db.transaction(async (tx) => {
      const account = await getAccount(tx, userId);
      const [identities, lastSession, subscriptions] = [
        await tx.prisma.identity.findMany({
          where: { userId, unlinkedAt: null },
          select: { provider: true },
          orderBy: { linkedAt: 'asc' },
        }),
        await tx.prisma.session.aggregate({ where: { userId }, _max: { lastUsedAt: true } }),
        await tx.prisma.subscription.findMany({
          where: { userId },
          orderBy: { createdAt: 'desc' },
          take: SUBSCRIPTIONS_SHOWN,
        }),
      ];
      const target = { targetKind: 'user', targetId: userId, reason: '' } as const;
      await writeDown(tx, { actorId: moderator.userId, action: 'view_account', ...target, at: now });
      return {
        ...account,
        providers: identities.map(({ provider }) => provider),
        lastSeenAt: lastSession._max.lastUsedAt,
        premiumUntil: await premiumUntilOf(tx, userId, now),
        subscriptions: subscriptions.map(({ store, plan, standing, renews, accessUntil }) => ({
          ...{ store, plan, renews, accessUntil },
          state: stateAt(standing as unknown as Standing, now.getTime()),
        })),
        reports: await countReportsAbout(tx, userId),
        history: await auditAboutUser(tx, userId, HISTORY_SHOWN),
      };
    });
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
  const asked = { q: id, by: 'id', suspendedOnly: false, afterId: null, count: 1 } as const;
  const [account] = await findAccounts(db, asked);
  if (!account) throw userNotFound();
  return account;
}
