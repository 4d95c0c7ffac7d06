import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { CONFIG, type Config } from '../../config/config.js';
import { Clock } from '../../platform/clock/clock.js';
import { keysOf } from '../../platform/crypto/secrets.js';
import { Database } from '../../platform/database/database.js';
import { pageBy, type PageQuery, sealCursor, unsealCursor } from '../../platform/http/pagination.js';
import { roundedForOthers } from '../walks/index.js';
import { feedOf } from './feed.queries.js';

/**
 * As of when, and place and walk of the last row. Sealed: a place tells when a walk was completed, to the millisecond,
 * and with the rounded figures where it began.
 */
const feedCursor = z.tuple([z.iso.datetime(), z.iso.datetime(), z.uuid()]);

@Injectable()
export class Feed {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async list(viewerId: string, { cursor, limit }: PageQuery) {
    const keys = keysOf(this.config);
    const [asOf, place, id] = unsealCursor(feedCursor, cursor, keys) ?? [];
    const asked = { viewerId, asOf: asOf ? new Date(asOf) : this.clock.now(), count: limit + 1 };
    const after = place && id ? { place: new Date(place), id } : null;
    const rows = await feedOf(this.db, { ...asked, after });
    const { items, nextCursor } = pageBy(rows, limit, (last) =>
      sealCursor([asked.asOf, last.place, last.id], keys[0]),
    );
    // `place` and `safeDistanceM` stay behind: what is sent has the fields of its schema.
    return {
      items: items.map((item) => Object.assign(item, roundedForOthers(item))),
      nextCursor,
    };
  }
}
