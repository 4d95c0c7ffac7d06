import { NIL } from 'uuid';
import { type Database, statement } from '../../platform/database/database.js';
import { withSidoOfTodaySql } from './region-code-rules.js';

/** The code that took the place of another; itself when none did. The regions module's aliases lead straight to the end. */
export const codeOfTodaySql = (code: string): string => `coalesce(
  (select new_code from region_aliases where old_code = ${code}),
  (select new_code from region_aliases where old_code = ${withSidoOfTodaySql(code)}),
  ${withSidoOfTodaySql(code)}
)`;

/** Turns the old codes in a column into those of today, page by page; gives of how many rows. */
export function regionCodeMover(name: string, table: string, column: string) {
  const move = statement<{ lastId: string | null; moved: number }>(
    name,
    `with part as materialized (
       select id, ${column} as code, ${codeOfTodaySql(column)} as code_of_today
       from ${table} where id > $1::uuid order by id limit $2::int
     ), moved as (
       update ${table} set ${column} = part.code_of_today from part
       where ${table}.id = part.id and ${table}.${column} = part.code and part.code_of_today <> part.code
       returning 1
     )
     select (select id from part order by id desc limit 1) as "lastId", (select count(*)::int from moved) as moved`,
  );
  return async (db: Database, batch: number): Promise<number> => {
    let [moved, lastId]: [number, string | null] = [0, NIL];
    while (lastId !== null) {
      const [part]: { lastId: string | null; moved: number }[] = await db.rows(move, [lastId, batch]);
      moved += part!.moved;
      lastId = part!.lastId;
    }
    return moved;
  };
}

/** Old codes of home regions become those of today. */
export const moveHomeRegions = regionCodeMover('users_move_home_regions', 'users', 'region_code');
