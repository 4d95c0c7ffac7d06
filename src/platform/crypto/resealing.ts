import { type DynamicModule, Inject, Injectable, Logger, Module } from '@nestjs/common';
import { NIL } from 'uuid';
import { CONFIG, type Config } from '../../config/config.js';
import { Database, type Statement } from '../database/database.js';
import { defineJob, Handles } from '../queue/job.js';
import type { Slot } from '../queue/schedule.js';
import { keyedHash, keysOf, seal, unseal } from './secrets.js';

/** Every night; does nothing unless a former key is set. */
export const reseal = defineJob<Slot>('crypto.reseal', { expireInS: 3_600, concurrency: 1 });

const PAGE = 500;
const IDS_TOLD = 10;

/** A column that holds what the encryption key sealed. Bytes go to and fro as base64. */
export interface SealedPlace {
  name: string;
  /** (after id, count), in the order of the ids; the first page is asked for after the nil UUID. */
  page: Statement<{ id: string; sealed: string }>;
  /** (json of Resealed[]): rows that still hold `former` get `sealed`. */
  write: Statement<{ id: string }>;
}

export interface Resealed {
  id: string;
  former: string;
  sealed: string;
  /** The keyed hash of what was sealed, for a table that finds its rows by it. */
  hash: string;
}

/** A table that keeps keyed hashes of texts that are still known from elsewhere. */
export interface HashedPlace {
  name: string;
  /** (after id, count): what the hashes were made of. */
  page: Statement<{ id: string; clear: string }>;
  /** (json of { former, present }[]): gives back a row for each that was changed. */
  write: Statement<{ present: string }>;
}

export interface Places {
  sealed: readonly SealedPlace[];
  hashed: readonly HashedPlace[];
}

const PLACES = Symbol('PLACES');

/** Opens what the former key sealed and seals it with the present one. Killed at any point, it goes on the next time. */
@Injectable()
export class Resealing {
  private readonly log = new Logger(Resealing.name);

  constructor(
    private readonly db: Database,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(PLACES) private readonly places: Places,
  ) {}

  @Handles(reseal)
  async run(): Promise<void> {
    if (!this.config.encryptionPreviousKey) return;
    const first = await this.pass();
    // What was written meanwhile, by a process that has the former key only.
    const last = first.moved > 0 ? await this.pass() : { ...first, moved: 0 };
    for (const [place, ids] of last.lost)
      this.log.error(
        { alarm: 'sealed-unreadable', place, rows: ids.length, ids: ids.slice(0, IDS_TOLD) },
        'rows that neither key opens',
      );
    const told = { resealed: first.moved + last.moved };
    if (last.moved > 0)
      this.log.warn(told, 'a process still seals with the former key: this job has to run again');
    else
      this.log.log(told, 'nothing is sealed with the former key: ENCRYPTION_PREVIOUS_KEY may be taken out');
  }

  /** @returns how many rows were the former key's, and which are no key's */
  private async pass(): Promise<{ moved: number; lost: Map<string, string[]> }> {
    let moved = 0;
    const lost = new Map<string, string[]>();
    for (const place of this.places.sealed) {
      const ids: string[] = [];
      moved += await this.goThrough(place.page, (rows) => this.resealPage(place, rows, ids));
      if (ids.length > 0) lost.set(place.name, ids);
    }
    for (const place of this.places.hashed)
      moved += await this.goThrough(place.page, (rows) => this.rehashPage(place, rows));
    return { moved, lost };
  }

  private async goThrough<Row extends { id: string }>(
    page: Statement<Row>,
    take: (rows: Row[]) => Promise<number>,
  ): Promise<number> {
    let moved = 0;
    for (let after: string | undefined = NIL; after !== undefined;) {
      const rows: Row[] = await this.db.rows(page, [after, PAGE]);
      moved += await take(rows);
      after = rows.length === PAGE ? rows.at(-1)!.id : undefined;
    }
    return moved;
  }

  private async resealPage(
    { write }: SealedPlace,
    rows: readonly { id: string; sealed: string }[],
    lost: string[],
  ): Promise<number> {
    const [key, previousKey] = keysOf(this.config);
    const resealed: Resealed[] = [];
    for (const { id, sealed: former } of rows) {
      const bytes = Buffer.from(former, 'base64');
      if (opened(bytes, key) !== null) continue;
      const plain = opened(bytes, previousKey!);
      if (plain === null) lost.push(id);
      else
        resealed.push({
          ...{ id, former, sealed: base64(seal(plain, key)), hash: base64(keyedHash(plain, key)) },
        });
    }
    if (resealed.length === 0) return 0;
    return (await this.db.rows(write, [JSON.stringify(resealed)])).length;
  }

  private async rehashPage({ write }: HashedPlace, rows: readonly { clear: string }[]): Promise<number> {
    const [key, previousKey] = keysOf(this.config);
    const pairs = rows.map(({ clear }) => ({
      former: base64(keyedHash(clear, previousKey!)),
      present: base64(keyedHash(clear, key)),
    }));
    if (pairs.length === 0) return 0;
    return (await this.db.rows(write, [JSON.stringify(pairs)])).length;
  }
}

@Module({})
export class ResealingModule {
  static of(places: Places): DynamicModule {
    return { module: ResealingModule, providers: [Resealing, { provide: PLACES, useValue: places }] };
  }
}

function opened(sealed: Uint8Array, key: string): string | null {
  try {
    return unseal(sealed, key);
  } catch {
    return null;
  }
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
