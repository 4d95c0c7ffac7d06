import { z } from 'zod';
import { validationFailed } from './problem.js';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

/** `?cursor=&limit=` of every list. */
export const pageQuery = z.strictObject({
  cursor: z.string().max(500).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT),
});

export type PageQuery = z.output<typeof pageQuery>;

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    nextCursor: z.string().nullable().meta({ description: 'Pass it on as `cursor`; null on the last page' }),
  });

/** Position after the last row of a page: its sort keys. */
const position = z.tuple([z.iso.datetime().regex(/^(19|20)/), z.uuid()]);

export interface Position {
  at: Date;
  id: string;
}

/**
 * Reads a cursor of a list ordered by (instant desc, id desc).
 * @throws validation-failed for a cursor that is not one of ours
 */
export function readCursor(cursor: string | undefined): Position | null {
  if (cursor === undefined) return null;
  const parsed = position.safeParse(parseBase64Json(cursor));
  if (!parsed.success) {
    throw validationFailed({
      errors: [
        {
          path: 'cursor',
          code: 'invalid-cursor',
          message: { ko: '처음부터 다시 불러와 주세요.', en: 'Not a cursor of this list.' },
        },
      ],
    });
  }
  return { at: new Date(parsed.data[0]), id: parsed.data[1] };
}

export const writeCursor = ({ at, id }: Position): string =>
  Buffer.from(JSON.stringify([at.toISOString(), id])).toString('base64url');

/** Turns `limit + 1` rows into a page. */
export function page<Row>(
  rows: Row[],
  limit: number,
  positionOf: (row: Row) => Position,
): { items: Row[]; nextCursor: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items,
    nextCursor: rows.length > limit && last !== undefined ? writeCursor(positionOf(last)) : null,
  };
}

function parseBase64Json(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
