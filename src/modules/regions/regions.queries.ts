import { type Connection, statement } from '../../platform/database/database.js';
import { geometryPoint, isCoveredBy } from '../../platform/database/geo.sql.js';
import { codeOfTodaySql } from '../users/index.js';
import type { Region } from './region-name-rules.js';

/** A found region as it is today: its code, and the names that are known under that. */
const asOfToday = (found: string): string => `
  select moved.code, coalesce(today.sido, moved.sido) as sido, coalesce(today.gu, moved.gu) as gu,
         coalesce(today.dong, moved.dong) as dong
  from (select ${codeOfTodaySql('found.code')} as code, sido, gu, dong from (${found}) found) moved
  left join regions today on today.code = moved.code`;

/** $1 longitude, $2 latitude. On a border it is the one of the smaller code. */
const covering = statement<Region>(
  'regions_covering',
  asOfToday(`select code, sido, gu, dong from regions
    where ${isCoveredBy(geometryPoint('$1', '$2'), 'boundary')} order by code limit 1`),
);

/** By the imported boundaries. */
export async function regionCovering(db: Connection, lat: number, lng: number): Promise<Region | null> {
  const [region] = await db.rows(covering, [lng, lat]);
  return region ?? null;
}

const anyBoundary = statement<{ isThere: boolean }>(
  'regions_any_boundary',
  `select exists (select from regions where boundary is not null) as "isThere"`,
);

export const hasBoundaries = async (db: Connection): Promise<boolean> =>
  (await db.rows(anyBoundary, []))[0]!.isThere;

/** $1 words, $2 the last of them, $3 how many. */
const search = statement<Region>(
  'regions_search',
  `select code, sido, gu, dong from regions r
   where retired_at is null
     and ${codeOfTodaySql('r.code')} = r.code
     and not exists (
       select from json_array_elements_text($1::json) as one (word)
       where strpos(concat_ws(' ', sido, gu, dong), word) = 0
     )
   order by dong <> $2::text, not starts_with(dong, $2::text), strpos(dong, $2::text) = 0, code
   limit $3::int`,
);

/** Those whose name has every word: the dong of the last word first, then those that begin with it. */
export const regionsNamed = (db: Connection, words: readonly string[], count: number): Promise<Region[]> =>
  db.rows(search, [JSON.stringify(words), words.at(-1), count]);

const learn = statement<never>(
  'regions_learn',
  `insert into regions (code, sido, gu, dong, learnt_at)
   values ($1::text, $2::text, $3::text, $4::text, $5::timestamptz)
   on conflict (code) do update
     set sido = excluded.sido, gu = excluded.gu, dong = excluded.dong, learnt_at = excluded.learnt_at
     where regions.imported_at is null`,
);

/** What Kakao says there is; of a region that was imported, the boundaries' file knows better. */
export const learnRegion = async (
  db: Connection,
  { code, sido, gu, dong }: Region,
  now: Date,
): Promise<void> => void (await db.rows(learn, [code, sido, gu, dong, now.toISOString()]));

const today = statement<Region>(
  'regions_today',
  asOfToday('select $1::text as code, $2::text as sido, $3::text as gu, $4::text as dong'),
);

export const regionOfToday = async (db: Connection, { code, sido, gu, dong }: Region): Promise<Region> =>
  (await db.rows(today, [code, sido, gu, dong]))[0]!;
