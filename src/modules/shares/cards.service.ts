import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { Clock } from '../../platform/clock/clock.js';
import { sha256 } from '../../platform/crypto/secrets.js';
import { Database } from '../../platform/database/database.js';
import { OutboundError } from '../../platform/outbound/http-client.js';
import { Storage } from '../../platform/storage/storage.js';
import { Turns } from '../../platform/turns.js';
import { badgesReachedWith } from '../badges/index.js';
import { requirePremium } from '../entitlement/index.js';
import { findOwnWalk, walkNotCompleted, walkNotFound, Walks } from '../walks/index.js';
import { cardContentOf } from './card/content-rules.js';
import type { CardContent } from './card/draw.js';
import { fonts } from './card/fonts.js';
import { type ThemeName, THEMES } from './card/themes.js';
import { Memo } from './memo.js';

/** Another drawing of the same content is another card. */
const DRAWING_VERSION = 1;
/** Drawing takes a tenth of a second of a core: others wait, so that it never takes all of them. */
const DRAWN_AT_ONCE = 2;
/** About three seconds of drawing. */
const MOST_WAITING = 60;
/** Themes times a few changes; more means that somebody has it drawn again and again. */
const KEPT_PER_WALK = 20;
const MAX_CARD_BYTES = 4 * 1024 * 1024;
/** Of 50 kB at most each. In this process only: where a rule is mended, its start forgets what was made by the old one. */
const MOST_CONTENTS = 200;
const CONTENT_KEPT_MS = 3_600_000;
/** Of some 200 kB each: cards being made, and those that the storage did not take. */
const MOST_PICTURES = 30;
/** After that the storage is asked again. */
const PICTURE_KEPT_MS = 60_000;

interface Content {
  content: CardContent;
  hash: string;
}

export interface Card {
  content: CardContent;
  etag: string;
  /** @throws service-unavailable when too many are being drawn */
  png(): Promise<Buffer>;
}

@Injectable()
export class Cards {
  private readonly log = new Logger(Cards.name);
  private readonly turns = new Turns(DRAWN_AT_ONCE, MOST_WAITING);
  private readonly contents: Memo<Content | null>;
  private readonly pictures: Memo<Buffer>;

  constructor(
    private readonly db: Database,
    private readonly walks: Walks,
    private readonly storage: Storage,
    private readonly clock: Clock,
    @Inject(CONFIG) { caches }: Config,
  ) {
    this.contents = new Memo(clock, MOST_CONTENTS, caches ? CONTENT_KEPT_MS : 0);
    this.pictures = new Memo(clock, MOST_PICTURES, caches ? PICTURE_KEPT_MS : 0);
  }

  /** @throws walk-not-found, walk-not-completed, premium-required */
  async ofOwn(userId: string, walkId: string, theme: ThemeName): Promise<Card> {
    const walk = await findOwnWalk(this.db, userId, walkId);
    if (!walk) throw walkNotFound();
    if (walk.state !== 'completed') throw walkNotCompleted();
    if (THEMES[theme].isPremium) await requirePremium(this.db, userId, this.clock.now(), 'share-card-themes');
    const card = await this.of(walkId, theme);
    if (!card) throw walkNotFound();
    return card;
  }

  /** The card of a completed walk, as anybody may see it: who may is the caller's to judge. */
  async of(walkId: string, theme: ThemeName): Promise<Card | null> {
    const made = await this.contentOf(walkId, theme);
    if (!made) return null;
    const { content, hash } = made;
    return { content, etag: `"${hash}"`, png: () => this.pictureOf(walkId, made) };
  }

  async forget(walkId: string): Promise<void> {
    await this.storage.delete(folderOf(walkId));
  }

  /** Making it takes the whole track: only when something that it depends on has changed. */
  private async contentOf(walkId: string, theme: ThemeName): Promise<Content | null> {
    const [version, badges] = await Promise.all([
      this.walks.versionOfShown(walkId),
      badgesReachedWith(this.db, walkId),
    ]);
    if (version === null) return null;
    const badgeNames = badges.map(({ name }) => name.ko);
    const key = JSON.stringify([walkId, theme, version, badgeNames]);
    return this.contents.get(key, async () => {
      const walk = await this.walks.shown(walkId);
      // Changed in between: not what is to be found under this key.
      if (walk?.version !== version) this.contents.forget(key);
      if (!walk) return null;
      const { covers } = await fonts();
      const content = cardContentOf(walk, badgeNames, theme, covers);
      return { content, hash: hashOf(content) };
    });
  }

  /** However many ask for a card at once, it is drawn once; also when it cannot be kept, for a while. */
  private pictureOf(walkId: string, made: Content): Promise<Buffer> {
    const key = `${folderOf(walkId)}${made.hash}.png`;
    return this.pictures.get(key, async () => {
      const { png, isKept } = await this.keptOrDrawn(walkId, key, made);
      if (isKept) this.pictures.forget(key);
      return png;
    });
  }

  private async keptOrDrawn(walkId: string, key: string, { content, hash }: Content) {
    const found = await this.unlessDown(async () => ({ png: await this.storage.get(key, MAX_CARD_BYTES) }));
    if (found?.png) return { png: found.png, isKept: true };
    const { cardPng } = await import('./card/draw.js'); // heavy, and not every process draws
    const png = await this.turns.take(() => cardPng(content));
    const isKept = found !== null && (await this.unlessDown(() => this.keep(walkId, key, png))) !== null;
    // The walk may have changed, or gone, while it was drawn: after the job that forgets its cards.
    const now = isKept ? await this.contentOf(walkId, content.theme) : null;
    if (isKept && now?.hash !== hash) await this.unlessDown(() => this.storage.delete(key));
    return { png, isKept };
  }

  private async keep(walkId: string, key: string, png: Buffer): Promise<void> {
    let count = 0;
    for await (const _ of this.storage.list(folderOf(walkId))) count++;
    if (count >= KEPT_PER_WALK) await this.forget(walkId);
    await this.storage.put(key, png, 'image/png');
  }

  /** A card is drawn also where it cannot be kept. Null when the storage cannot be reached. */
  private async unlessDown<T>(asked: () => Promise<T>): Promise<T | null> {
    try {
      return await asked();
    } catch (error) {
      if (!isOfStorage(error)) throw error;
      this.log.warn({ err: error }, 'cards are not kept: the storage does not answer');
      return null;
    }
  }
}

/** Of one elsewhere, or of the disk. */
const isOfStorage = (error: unknown): boolean =>
  error instanceof OutboundError || (error instanceof Error && 'syscall' in error);

const folderOf = (walkId: string): string => `cards/${walkId}/`;

const hashOf = (content: CardContent): string =>
  Buffer.from(sha256(JSON.stringify([DRAWING_VERSION, content]))).toString('hex');
