import { z } from 'zod';
import { seal, unsealByAny } from '../crypto/secrets.js';
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
  const read = readCursorAs(position, cursor);
  return read && { at: new Date(read[0]), id: read[1] };
}

export const writeCursor = ({ at, id }: Position): string => writeCursorOf([at.toISOString(), id]);

/**
 * The same for a list with another order: what its cursor holds is the list's own matter.
 * @throws validation-failed for a cursor that is not one of ours
 */
export function readCursorAs<T extends z.ZodType>(shape: T, cursor: string | undefined): z.output<T> | null {
  if (cursor === undefined) return null;
  const parsed = shape.safeParse(parseBase64Json(cursor));
  if (!parsed.success) throw invalidCursor();
  return parsed.data;
}

export const writeCursorOf = (held: unknown): string =>
  Buffer.from(JSON.stringify(held)).toString('base64url');

/** A cursor that tells its bearer nothing and cannot be made: for lists whose order is not to be known exactly. */
export const sealCursor = (held: unknown, secretText: string): string =>
  Buffer.from(seal(JSON.stringify(held), secretText)).toString('base64url');

/** @throws validation-failed for a cursor that is not one of ours */
export function unsealCursor<T extends z.ZodType>(
  shape: T,
  cursor: string | undefined,
  keys: readonly [string, ...string[]],
): z.output<T> | null {
  if (cursor === undefined) return null;
  const parsed = shape.safeParse(unsealedJson(cursor, keys));
  if (!parsed.success) throw invalidCursor();
  return parsed.data;
}

/** A cursor that is not one of ours, or whose place in the list is gone. */
export const invalidCursor = () =>
  validationFailed({
    errors: [
      {
        path: 'cursor',
        code: 'invalid-cursor',
        message: { ko: '처음부터 다시 불러와 주세요.', en: 'Not a cursor of this list.' },
      },
    ],
  });

/** Turns `limit + 1` rows into a page. */
export const page = <Row>(rows: Row[], limit: number, positionOf: (row: Row) => Position) =>
  pageBy(rows, limit, (row) => writeCursor(positionOf(row)));

export function pageBy<Row>(
  rows: Row[],
  limit: number,
  cursorOf: (row: Row) => string,
): { items: Row[]; nextCursor: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}

function unsealedJson(text: string, keys: readonly [string, ...string[]]): unknown {
  try {
    return JSON.parse(unsealByAny(Buffer.from(text, 'base64url'), keys));
  } catch {
    return undefined;
  }
}

function parseBase64Json(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
