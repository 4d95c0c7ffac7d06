import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { CONFIG, type Config } from '../../config/config.js';
import { Clock } from '../../platform/clock/clock.js';
import { keysOf, randomToken, seal, sha256, unsealByAny } from '../../platform/crypto/secrets.js';
import { Database } from '../../platform/database/database.js';
import { Idempotency, type Once } from '../../platform/http/idempotency.js';
import { page, type PageQuery, readCursor } from '../../platform/http/pagination.js';
import { requirePremium } from '../entitlement/index.js';
import { recordLocationUse } from '../users/index.js';
import { findOwnWalk, lockOwnWalk, walkNotFound } from '../walks/index.js';
import { type ThemeName, THEMES } from './card/themes.js';
import { type Card, Cards } from './cards.service.js';
import { cardAnswer, type FileAnswer, pageAnswer } from './file-answer.js';
import { goneSharePage, type Page, sharePage } from './page/share-page.js';
import { shareNotFound, tooManyShares, walkNotShareable } from './shares.errors.js';
import { shareOpenedBy, sharesOf } from './shares.queries.js';
import type { ShareIn } from './shares.schemas.js';

const LIVE_PER_WALK = 5;
const DAY_MS = 86_400_000;

@Injectable()
export class Shares {
  constructor(
    private readonly db: Database,
    private readonly cards: Cards,
    private readonly idempotency: Idempotency,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @throws walk-not-found, walk-not-shareable, premium-required, too-many-shares */
  async make(
    userId: string,
    walkId: string,
    { theme, expiresInDays }: ShareIn,
    { once, origin }: { once: Once | null; origin: string },
  ) {
    const now = this.clock.now();
    const { sealedToken, ...share } = await this.idempotency.run(once, async (tx) => {
      const walk = await lockOwnWalk(tx, userId, walkId);
      if (!walk) throw walkNotFound();
      if (!walk.isShown) throw walkNotShareable();
      if (THEMES[theme].isPremium) await requirePremium(tx, userId, now, 'share-card-themes');
      const live = await tx.prisma.walkShare.count({
        where: { walkId, revokedAt: null, expiresAt: { gt: now } },
      });
      if (live >= LIVE_PER_WALK) throw tooManyShares({ members: { limit: LIVE_PER_WALK } });
      const token = randomToken();
      const id = uuidv7({ msecs: now.getTime() });
      const expiresAt = new Date(now.getTime() + expiresInDays * DAY_MS);
      await tx.prisma.walkShare.create({
        data: { id, walkId, userId, tokenHash: sha256(token), theme, createdAt: now, expiresAt },
      });
      await recordLocationUse(tx, { userId, purpose: 'walk_share', at: now });
      // The stored answer of this request must not open the page for whoever reads the database.
      const sealedToken = Buffer.from(seal(token, this.config.encryptionKey!)).toString('base64');
      return { id, expiresAt, sealedToken };
    });
    const token = unsealByAny(Buffer.from(sealedToken, 'base64'), keysOf(this.config));
    return { ...share, url: this.linkTo(token, origin) };
  }

  /** @throws walk-not-found */
  async list(userId: string, walkId: string, { cursor, limit }: PageQuery) {
    if (!(await findOwnWalk(this.db, userId, walkId))) throw walkNotFound();
    const rows = await sharesOf(this.db, walkId, readCursor(cursor), limit + 1);
    return page(rows, limit, ({ createdAt, id }) => ({ at: createdAt, id }));
  }

  /** From this moment on the link opens nothing; also when it did not before. @throws share-not-found */
  async revoke(userId: string, walkId: string, shareId: string): Promise<void> {
    const where = { id: shareId, walkId, userId };
    if (!(await this.db.prisma.walkShare.findFirst({ where, select: { id: true } }))) throw shareNotFound();
    await this.db.prisma.walkShare.updateMany({
      where: { ...where, revokedAt: null },
      data: { revokedAt: this.clock.now() },
    });
  }

  /**
   * What a browser is answered.
   * @param origin where the service was asked, for one that was not told its address
   */
  async page(token: string, origin: string): Promise<Page> {
    const card = await this.cardBehind(token);
    return card ? sharePage(card.content, { url: this.linkTo(token, origin), token }) : goneSharePage;
  }

  /** The picture in it. @param ifNoneMatch which ones the browser has */
  async cardPage(token: string, ifNoneMatch: string | undefined): Promise<FileAnswer> {
    const card = await this.cardBehind(token);
    return card ? cardAnswer(card, ifNoneMatch) : pageAnswer(goneSharePage);
  }

  /** What a link opens; null for every link that does not, whatever the reason. */
  private async cardBehind(token: string): Promise<Card | null> {
    const share = await shareOpenedBy(this.db, sha256(token), this.clock.now());
    return share && this.cards.of(share.walkId, themeOf(share.theme));
  }

  private linkTo(token: string, origin: string): string {
    return `${this.config.http.publicUrl ?? origin}/s/${token}`;
  }
}

/** A theme that is no more leaves its links with the plain one. */
const themeOf = (stored: string): ThemeName =>
  Object.hasOwn(THEMES, stored) ? (stored as ThemeName) : 'milk';
