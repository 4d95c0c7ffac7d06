import { type Connection, statement } from '../../src/platform/database/database.js';
import { geographyPoint } from '../../src/platform/database/geo.sql.js';

/** $1 how many: three in four in and around Seoul, the others all over the country; of each 50, one is closed and one has no spot. */
const fill = statement<never>(
  'fill_places',
  `insert into places (
     id, source, source_key, kind, name, address, phone, lat, lng, at, content_hash, closed_at, created_at, updated_at
   )
   select gen_random_uuid(), case when n % 3 = 0 then 'pet_tour' else 'animal_hospitals' end::place_source, n::text,
          (array['vet', 'vet', 'cafe', 'park', 'lodging', 'shop', 'culture'])[1 + n % 7]::place_kind, '장소 ' || n,
          '서울특별시 예시로 ' || n, '02-000-0000', spot.lat, spot.lng, ${geographyPoint('spot.lng', 'spot.lat')},
          decode(md5(n::text), 'hex'), case when n % 50 = 1 then now() end, now(), now()
   from generate_series(1, $1::int) n
   cross join lateral (
     select case when n % 50 <> 2 then case when n % 4 = 0 then 34.5 + 3.4 * a else 37.43 + 0.27 * a end end as lat,
            case when n % 50 <> 2 then case when n % 4 = 0 then 126.5 + 2.6 * b else 126.77 + 0.42 * b end end as lng
     from (select mod(n * 0.7548776662466927, 1)::float8 as a, mod(n * 0.5698402909980532, 1)::float8 as b) even
   ) spot`,
);
const analyze = statement<never>('analyze_places', `analyze places`);

/** Many places at once, spread evenly (the R2 sequence), and the statistics that a planner wants. */
export async function fillPlaces(db: Connection, count: number): Promise<void> {
  await db.rows(fill, [count]);
  await db.rows(analyze, []);
}
