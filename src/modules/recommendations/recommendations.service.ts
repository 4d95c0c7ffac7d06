import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Database } from '../../platform/database/database.js';
import { pageBy, type PageQuery, readCursorAs, writeCursorOf } from '../../platform/http/pagination.js';
import { reasonsOf } from './recommendation-rules.js';
import { recommendationsFor } from './recommendations.queries.js';

/** Score and user of the last row. */
const recommendationCursor = z.tuple([z.number().min(0).max(1), z.uuid()]);

@Injectable()
export class Recommendations {
  constructor(private readonly db: Database) {}

  /** Whom the viewer could get to know, the best first. */
  async list(viewerId: string, { cursor, limit }: PageQuery) {
    const read = readCursorAs(recommendationCursor, cursor);
    const after = read && { score: read[0], id: read[1] };
    const rows = await recommendationsFor(this.db, viewerId, after, limit + 1);
    const { items, nextCursor } = pageBy(rows, limit, ({ score, id }) => writeCursorOf([score, id]));
    return {
      items: items.map(({ id, nickname, score, pets, ...parts }) => ({
        person: { id, nickname },
        score: Math.round(score * 100),
        reasons: reasonsOf(parts),
        pets,
      })),
      nextCursor,
    };
  }
}
