import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { CONFIG, type Config } from '../../config/config.js';
import { AccessTokens } from '../../platform/auth/access-tokens.js';
import type { Viewer } from '../../platform/auth/viewer.js';
import { Clock } from '../../platform/clock/clock.js';
import { randomToken, seal, sha256, unseal } from '../../platform/crypto/secrets.js';
import { type Connection, Database, type Transaction } from '../../platform/database/database.js';
import { page, type PageQuery, readCursor } from '../../platform/http/pagination.js';
import { type LockedRefreshToken, refreshTokenForUpdate } from './auth.queries.js';
import { refreshTokenInvalid, refreshTokenReused, sessionNotFound } from './auth.errors.js';
import type { SessionPage, Tokens } from './auth.schemas.js';
import { judgeRefresh } from './refresh-rule.js';

export type EndReason = 'logout' | 'ended-by-user' | 'refresh-token-reused' | 'provider-unlinked' | 'leaving';

/** One session a login: a family of refresh tokens, of which the last is good. */
@Injectable()
export class Sessions {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
    private readonly accessTokens: AccessTokens,
  ) {}

  async open(
    tx: Transaction,
    userId: string,
    { deviceName, now }: { deviceName?: string; now: Date },
  ): Promise<Tokens> {
    const refreshToken = randomToken();
    const expiresAt = this.refreshExpiry(now);
    const { id } = await tx.prisma.session.create({
      data: {
        id: uuidv7({ msecs: now.getTime() }),
        userId,
        deviceName,
        createdAt: now,
        lastUsedAt: now,
        expiresAt,
        refreshTokens: { create: { tokenHash: sha256(refreshToken), expiresAt } },
      },
      select: { id: true },
    });
    return this.tokens(userId, id, refreshToken, expiresAt);
  }

  /** @throws refresh-token-invalid, refresh-token-reused */
  async refresh(presented: string): Promise<Tokens> {
    const tokens = await this.db.transaction((tx) => this.refreshIn(tx, presented));
    if (!tokens) throw refreshTokenReused(); // after the commit, which must keep the end of the session
    return tokens;
  }

  async logout({ userId, sessionId }: Viewer): Promise<void> {
    await endSessions(this.db, { userId, sessionId }, 'logout', this.clock.now());
  }

  /** Ending an ended session is fine. @throws session-not-found */
  async end({ userId }: Viewer, sessionId: string): Promise<void> {
    const own = await this.db.prisma.session.findFirst({
      where: { id: sessionId, userId },
      select: { id: true },
    });
    if (!own) throw sessionNotFound();
    await endSessions(this.db, { userId, sessionId }, 'ended-by-user', this.clock.now());
  }

  /** Live sessions, the latest login first. */
  async list({ userId, sessionId }: Viewer, { cursor, limit }: PageQuery): Promise<SessionPage> {
    const after = readCursor(cursor);
    const rows = await this.db.prisma.session.findMany({
      where: {
        userId,
        revokedAt: null,
        expiresAt: { gt: this.clock.now() },
        ...(after && {
          OR: [{ createdAt: { lt: after.at } }, { createdAt: after.at, id: { lt: after.id } }],
        }),
      },
      select: { id: true, deviceName: true, createdAt: true, lastUsedAt: true },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit + 1,
    });
    const { items, nextCursor } = page(rows, limit, ({ createdAt, id }) => ({ at: createdAt, id }));
    return { items: items.map((row) => ({ ...row, current: row.id === sessionId })), nextCursor };
  }

  /** @returns null when the token was used before, and its session is ended for it */
  private async refreshIn(tx: Transaction, presented: string): Promise<Tokens | null> {
    const now = this.clock.now();
    const token = await refreshTokenForUpdate(tx, sha256(presented));
    if (!token) throw refreshTokenInvalid();
    const successor = await successorOf(tx, presented, token);
    switch (judgeRefresh({ ...token, successorUsed: successor?.used ?? true }, now)) {
      case 'invalid':
        throw refreshTokenInvalid();
      case 'reused':
        await endSessions(tx, token, 'refresh-token-reused', now);
        return null;
      case 'repeat':
        return this.tokens(token.userId, token.sessionId, successor!.token, successor!.expiresAt);
      case 'rotate':
        return this.rotate(tx, presented, token, now);
    }
  }

  private async rotate(
    tx: Transaction,
    presented: string,
    { sessionId, userId }: LockedRefreshToken,
    now: Date,
  ): Promise<Tokens> {
    const successor = randomToken();
    const expiresAt = this.refreshExpiry(now);
    await tx.prisma.refreshToken.create({ data: { tokenHash: sha256(successor), sessionId, expiresAt } });
    await tx.prisma.refreshToken.update({
      where: { tokenHash: sha256(presented) },
      data: { rotatedAt: now, successorSealed: seal(successor, presented) },
    });
    await tx.prisma.session.update({ where: { id: sessionId }, data: { lastUsedAt: now, expiresAt } });
    return this.tokens(userId, sessionId, successor, expiresAt);
  }

  private tokens(
    userId: string,
    sessionId: string,
    refreshToken: string,
    refreshTokenExpiresAt: Date,
  ): Tokens {
    const access = this.accessTokens.issue(userId, sessionId);
    return {
      accessToken: access.token,
      accessTokenExpiresAt: access.expiresAt,
      refreshToken,
      refreshTokenExpiresAt,
    };
  }

  private refreshExpiry(now: Date): Date {
    return new Date(now.getTime() + this.config.jwt.refreshTokenS * 1000);
  }
}

/** Ends one session, or all of a user (but one). Those that ended before keep their time and reason. */
export async function endSessions(
  db: Connection,
  { userId, sessionId, exceptId }: { userId: string; sessionId?: string; exceptId?: string },
  revokedReason: EndReason,
  now: Date,
): Promise<void> {
  await db.prisma.session.updateMany({
    where: { userId, id: exceptId ? { not: exceptId } : sessionId, revokedAt: null },
    data: { revokedAt: now, revokedReason },
  });
}

/** What the presented token was exchanged for; only readable with that token in hand. */
async function successorOf(tx: Transaction, presented: string, { successorSealed }: LockedRefreshToken) {
  if (!successorSealed) return null;
  const token = unseal(Buffer.from(successorSealed, 'base64'), presented);
  const row = await tx.prisma.refreshToken.findUnique({ where: { tokenHash: sha256(token) } });
  return row && { token, used: row.rotatedAt !== null, expiresAt: row.expiresAt };
}
