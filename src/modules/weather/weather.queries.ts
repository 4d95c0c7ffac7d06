import { geographyPoint, metresBetween } from '../../platform/database/geo.sql.js';
import { type Connection, statement, type Transaction } from '../../platform/database/database.js';
import type { NearbyReading, Reading, Station } from './air-readings-rules.js';
import type { Part } from './base-time-rules.js';
import type { Cell, LatLng } from './grid-rules.js';
import type { Parts } from './kma.js';
import type { Precipitation } from './kma-readings-rules.js';

export type CellRow = { [P in Part]: Parts[P] | null } & {
  [P in Part as `${P}FetchedAt`]: Date | null;
} & {
  askedAt: Date;
  leasedUntil: Date | null;
  failedAt: Date | null;
  failure: string | null;
};

const CELL = `nowcast::json as nowcast, nowcast_fetched_at as "nowcastFetchedAt", soon::json as soon,
  soon_fetched_at as "soonFetchedAt", days::json as days, days_fetched_at as "daysFetchedAt", asked_at as "askedAt",
  leased_until as "leasedUntil", failed_at as "failedAt", failure`;

const cellRow = statement<CellRow>(
  'weather_cell',
  `select ${CELL} from weather_cells where nx = $1::int and ny = $2::int`,
);

export const findCell = async (db: Connection, { nx, ny }: Cell): Promise<CellRow | undefined> =>
  (await db.rows(cellRow, [nx, ny]))[0];

const touch = statement<{ nx: number }>(
  'weather_touch',
  `insert into weather_cells (nx, ny, asked_at) values ($1::int, $2::int, $3::timestamptz)
   on conflict (nx, ny) do update set asked_at = excluded.asked_at where weather_cells.asked_at <= $4::timestamptz
   returning nx`,
);

/** Somebody asked for this cell. @returns whether nobody had since `before` */
export const touchCell = async (
  db: Connection,
  { nx, ny }: Cell,
  { now, before }: { now: Date; before: Date },
): Promise<boolean> => (await db.rows(touch, [nx, ny, now.toISOString(), before.toISOString()])).length > 0;

const lease = statement<CellRow>(
  'weather_lease',
  `update weather_cells set leased_until = $4::timestamptz
   where nx = $1::int and ny = $2::int and coalesce(leased_until <= $3::timestamptz, true)
     and coalesce(failed_at <= case failure when 'no-data' then $6::timestamptz else $5::timestamptz end, true)
   returning ${CELL}`,
);

/** Of all who want to ask KMA for a cell at once, one gets it. Nobody does while it rests after a failure. */
export async function leaseCell(
  db: Connection,
  { nx, ny }: Cell,
  times: { now: Date; until: Date; failedBefore: Date; nothingBefore: Date },
): Promise<CellRow | undefined> {
  const { now, until, failedBefore, nothingBefore } = times;
  const instants = [now, until, failedBefore, nothingBefore].map((time) => time.toISOString());
  return (await db.rows(lease, [nx, ny, ...instants]))[0];
}

const release = statement<never>(
  'weather_release',
  `update weather_cells set leased_until = null, failed_at = $3::timestamptz, failure = $4::text
   where nx = $1::int and ny = $2::int`,
);

export const releaseCell = (
  db: Connection,
  { nx, ny }: Cell,
  failedAt: Date | null,
  failure: string | null,
) => db.rows(release, [nx, ny, failedAt?.toISOString() ?? null, failure]);

const storePartOf = (part: Part) =>
  statement<never>(
    `weather_store_${part}`,
    `update weather_cells set ${part} = $3::jsonb, ${part}_fetched_at = $4::timestamptz
     where nx = $1::int and ny = $2::int and coalesce(${part}->>'baseAt' <= ($3::jsonb)->>'baseAt', true)`,
  );
const storing = { nowcast: storePartOf('nowcast'), soon: storePartOf('soon'), days: storePartOf('days') };

/** An older slot never takes the place of a newer one. */
export const storePart = <P extends Part>(
  db: Connection,
  { nx, ny }: Cell,
  part: P,
  of: Parts[P],
  now: Date,
) => db.rows(storing[part], [nx, ny, JSON.stringify(of), now.toISOString()]);

const active = statement<Cell>(
  'weather_active_cells',
  `select nx, ny from weather_cells where asked_at >= $1::timestamptz order by asked_at desc limit $2::int`,
);

/** The cells that were asked for since then, the last one first. */
export const activeCells = (db: Connection, since: Date, count: number) =>
  db.rows(active, [since.toISOString(), count]);

const forget = statement<never>(
  'weather_forget_cells',
  `delete from weather_cells where asked_at < $1::timestamptz`,
);
export const forgetCells = (db: Connection, before: Date) => db.rows(forget, [before.toISOString()]);

const nearby = statement<NearbyReading>(
  'weather_nearby_stations',
  `select name, measured_at as "measuredAt", pm10, pm25,
          ${metresBetween(geographyPoint('lng', 'lat'), geographyPoint('$1', '$2'))}::float8 as "distanceM"
   from air_stations where measured_at is not null
   order by "distanceM", name limit $3::int`,
);

/** The stations that have measured at all, nearest first. */
export const nearbyReadings = (db: Connection, { lat, lng }: LatLng, count: number) =>
  db.rows(nearby, [lng, lat, count]);

const airState = statement<{ listedAt: Date | null; fetchedAt: Date | null }>(
  'weather_air_state',
  `select max(listed_at) as "listedAt", max(fetched_at) as "fetchedAt" from air_stations`,
);

/** When stations were listed and read last. */
export const stateOfAir = async (db: Connection) => (await db.rows(airState, []))[0]!;

const storeList = statement<never>(
  'weather_store_stations',
  `with gone as (delete from air_stations where listed_at < $3::timestamptz)
   insert into air_stations (name, lat, lng, listed_at)
   select distinct on (name) name, lat, lng, $2::timestamptz
   from json_to_recordset($1::json) as listed (name text, lat float8, lng float8) order by name
   on conflict (name) do update set lat = excluded.lat, lng = excluded.lng, listed_at = excluded.listed_at`,
);

/** Stations that were not listed since `goneBefore` are no more. */
export const storeStations = (db: Connection, stations: Station[], now: Date, goneBefore: Date) =>
  db.rows(storeList, [JSON.stringify(stations), now.toISOString(), goneBefore.toISOString()]);

const storeAll = statement<never>(
  'weather_store_readings',
  `update air_stations s
   set measured_at = read."measuredAt", pm10 = read.pm10, pm25 = read.pm25, fetched_at = $2::timestamptz
   from (
     select distinct on (name) * from json_to_recordset($1::json)
       as given (name text, "measuredAt" timestamptz, pm10 int, pm25 int)
     order by name, "measuredAt" desc
   ) read
   where read.name = s.name and coalesce(s.measured_at <= read."measuredAt", true)`,
);

export const storeReadings = (db: Connection, readings: Reading[], now: Date) =>
  db.rows(storeAll, [JSON.stringify(readings), now.toISOString()]);

export interface WalkWeatherRow {
  observedAt: Date;
  temperatureC: number | null;
  humidityPct: number | null;
  windMps: number | null;
  precipitation: Precipitation | null;
  pm10: number | null;
  pm25: number | null;
}

const storeOfWalk = statement<{ walkId: string }>(
  'weather_store_of_walk',
  `insert into walk_weather as stored (
     walk_id, observed_at, temperature_c, humidity_pct, wind_mps, precipitation, pm10, pm25
   )
   select id, $2::timestamptz, $3::float8, $4::int, $5::float8, $6::text::precipitation, $7::int, $8::int
   from walks where id = $1::uuid and state = 'completed' for share
   on conflict (walk_id) do update
   set observed_at = excluded.observed_at, temperature_c = excluded.temperature_c, humidity_pct = excluded.humidity_pct,
       wind_mps = excluded.wind_mps, precipitation = excluded.precipitation, pm10 = excluded.pm10, pm25 = excluded.pm25
   where stored.observed_at <> excluded.observed_at
   returning walk_id as "walkId"`,
);

/** @returns whether it says something new; not for a walk that was deleted in the meantime */
export async function storeWalkWeather(
  tx: Transaction,
  walkId: string,
  of: WalkWeatherRow,
): Promise<boolean> {
  const { observedAt, temperatureC, humidityPct, windMps, precipitation, pm10, pm25 } = of;
  const figures = [temperatureC, humidityPct && Math.round(humidityPct), windMps, precipitation, pm10, pm25];
  return (await tx.rows(storeOfWalk, [walkId, observedAt.toISOString(), ...figures])).length > 0;
}
