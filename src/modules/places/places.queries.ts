import type { PlaceKind, PlaceSource } from '../../generated/prisma/enums.js';
import { type Connection, statement, type Transaction } from '../../platform/database/database.js';
import { geographyPoint, isWithinM, metresBetween, nearness } from '../../platform/database/geo.sql.js';

export interface NearbyRow {
  id: string;
  kind: PlaceKind;
  name: string;
  address: string | null;
  phone: string | null;
  petNote: string | null;
  imageUrl: string | null;
  lat: number;
  lng: number;
  distanceM: number;
  source: PlaceSource;
}

const HERE = '(select here from asked)';

/**
 * $1 longitude, $2 latitude, $3 metres, $4 kind or all, $5 how many. They are hidden from the planner, which would plan
 * anew at each call for a little less work (as in the feed).
 */
const nearby = statement<NearbyRow>(
  'places_nearby',
  `with asked as materialized (
     select ${geographyPoint('$1', '$2')} as here, $3::float8 as radius_m, $4::text::place_kind as kind, $5::int as how_many
   )
   select id, kind::text as kind, name, address, phone, pet_note as "petNote", image_url as "imageUrl", lat, lng,
          round(${metresBetween('at', HERE)})::int as "distanceM", source::text as source
   from places
   where closed_at is null and ${isWithinM('at', HERE, '(select radius_m from asked)')}
     and ((select kind from asked) is null or kind = (select kind from asked))
   order by ${nearness('at', HERE)}
   limit (select how_many from asked)`,
);

/** Open places within so many metres, the nearest first. */
export const placesNear = (
  db: Connection,
  of: { lat: number; lng: number; radiusM: number; kind: PlaceKind | null; count: number },
): Promise<NearbyRow[]> => db.rows(nearby, [of.lng, of.lat, of.radiusM, of.kind, of.count]);

export interface KnownPlace {
  key: string;
  /** Hex. */
  hash: string;
  address: string | null;
  isPlaced: boolean;
}

const known = statement<KnownPlace>(
  'places_known',
  `select source_key as key, encode(content_hash, 'hex') as hash, address, at is not null as "isPlaced"
   from places
   where source = $1::text::place_source and source_key = any (array(select json_array_elements_text($2::json)))`,
);

export const knownPlaces = (db: Connection, source: PlaceSource, keys: string[]): Promise<KnownPlace[]> =>
  db.rows(known, [source, JSON.stringify(keys)]);

/** A listed place as it is written. */
export interface WrittenPlace {
  /** For one that is new. */
  id: string;
  key: string;
  kind: PlaceKind;
  name: string;
  address: string | null;
  phone: string | null;
  imageUrl: string | null;
  lat: number | null;
  lng: number | null;
  /** Hex. */
  hash: string;
  changedAt: string | null;
  isOpen: boolean;
}

export interface PageCounts {
  added: number;
  changed: number;
  unchanged: number;
  closed: number;
}

/** $1 source, $2 places as JSON, $3 the sweep or null, $4 now, $5 keys that were listed but could not be read. */
const writePage = statement<PageCounts>(
  'places_write_page',
  `with given as materialized (
     select * from json_to_recordset($2::json) as one (
       id uuid, key text, kind text, name text, address text, phone text, "imageUrl" text,
       lat float8, lng float8, hash text, "changedAt" timestamptz, "isOpen" bool
     )
   ), compared as materialized (
     select given.*, p.id is null as is_new,
            case
              when p.id is null then case when "isOpen" then 'added' else 'unchanged' end
              when not "isOpen" then case when p.closed_at is null then 'closed' else 'unchanged' end
              when p.closed_at is null and p.content_hash = decode(given.hash, 'hex')
                and (given.lat is null or p.lat is not null) then 'unchanged'
              else 'changed'
            end as outcome
     from given
     left join places p on p.source = $1::text::place_source and p.source_key = given.key
   ), written as (
     insert into places as place (
       id, source, source_key, kind, name, address, phone, image_url, lat, lng, at, content_hash, source_changed_at,
       seen_in_run_id, closed_at, created_at, updated_at
     )
     select id, $1::text::place_source, key, kind::place_kind, name, address, phone, "imageUrl", lat, lng,
            ${geographyPoint('lng', 'lat')}, decode(hash, 'hex'), "changedAt", $3::uuid,
            case when not "isOpen" then $4::timestamptz end, $4::timestamptz, $4::timestamptz
     from compared where "isOpen" or not is_new
     on conflict (source, source_key) do update set
       kind = excluded.kind, name = excluded.name, address = excluded.address, phone = excluded.phone,
       image_url = excluded.image_url,
       lat = ${kept('lat')}, lng = ${kept('lng')}, at = ${kept('at')},
       content_hash = excluded.content_hash, source_changed_at = excluded.source_changed_at,
       seen_in_run_id = coalesce(excluded.seen_in_run_id, place.seen_in_run_id),
       closed_at = case when excluded.closed_at is not null then coalesce(place.closed_at, excluded.closed_at) end,
       updated_at = excluded.updated_at
   ), seen as (
     update places set seen_in_run_id = $3::uuid
     where $3::uuid is not null and source = $1::text::place_source
       and source_key = any (array(select json_array_elements_text($5::json)))
   )
   select (count(*) filter (where outcome = 'added'))::int as added,
          (count(*) filter (where outcome = 'changed'))::int as changed,
          (count(*) filter (where outcome = 'unchanged'))::int as unchanged,
          (count(*) filter (where outcome = 'closed'))::int as closed
   from compared`,
);

/** A source that names no spot leaves the one that was found by the address, as long as that is the same. */
function kept(column: 'lat' | 'lng' | 'at'): string {
  return `case
    when excluded.lat is null and excluded.address is not distinct from place.address then place.${column}
    else excluded.${column}
  end`;
}

export async function writePlaces(
  tx: Transaction,
  page: { source: PlaceSource; places: WrittenPlace[]; sweepId: string | null; now: Date; unread: string[] },
): Promise<PageCounts> {
  const [counts] = await tx.rows(writePage, [
    ...[page.source, JSON.stringify(page.places), page.sweepId],
    ...[page.now.toISOString(), JSON.stringify(page.unread)],
  ]);
  return counts!;
}

const writeNotes = statement<never>(
  'places_write_notes',
  `update places set pet_note = one.note, updated_at = $3::timestamptz
   from json_to_recordset($2::json) as one (key text, note text)
   where source = $1::text::place_source and source_key = one.key and pet_note is distinct from one.note`,
);

export const writePetNotes = async (
  tx: Transaction,
  source: PlaceSource,
  notes: { key: string; note: string | null }[],
  now: Date,
): Promise<void> => void (await tx.rows(writeNotes, [source, JSON.stringify(notes), now.toISOString()]));

const beginRun = statement<{ id: string }>(
  'places_begin_run',
  `insert into place_sync_runs (id, source, state, is_sweep, changed_from, started_at)
   values ($1::uuid, $2::text::place_source, 'running', $3::bool, $4::timestamptz, $5::timestamptz)
   on conflict (source) where state = 'running' do nothing
   returning id`,
);

/** @returns false when one is running */
export async function beginSyncRun(
  tx: Transaction,
  run: { id: string; source: PlaceSource; isSweep: boolean; changedFrom: Date | null; now: Date },
): Promise<boolean> {
  const { id, source, isSweep, changedFrom, now } = run;
  const rows = await tx.rows(beginRun, [
    ...[id, source, isSweep, changedFrom?.toISOString() ?? null, now.toISOString()],
  ]);
  return rows.length > 0;
}

const lockRun = statement<{ id: string }>(
  'places_lock_run',
  `select id from place_sync_runs
   where id = $1::uuid and state = 'running' and next_page = $2::int for no key update`,
);

/** @returns false when the page was done by somebody else, or the run is over */
export const lockRunAt = async (tx: Transaction, runId: string, page: number): Promise<boolean> =>
  (await tx.rows(lockRun, [runId, page])).length > 0;

const lastRuns = statement<{ lastSweepAt: Date | null; lastRunAt: Date | null }>(
  'places_last_runs',
  `select max(started_at) filter (where is_sweep) as "lastSweepAt", max(started_at) as "lastRunAt"
   from place_sync_runs where source = $1::text::place_source and state = 'finished'`,
);

export const lastFinishedRuns = async (db: Connection, source: PlaceSource) =>
  (await db.rows(lastRuns, [source]))[0]!;

const seenOf = statement<{ open: number; seen: number }>(
  'places_seen',
  `select count(*)::int as open, (count(*) filter (where seen_in_run_id = $2::uuid))::int as seen
   from places where source = $1::text::place_source and closed_at is null`,
);

export const openAndSeen = async (tx: Transaction, source: PlaceSource, runId: string) =>
  (await tx.rows(seenOf, [source, runId]))[0]!;

const closeUnseen = statement<{ closed: number }>(
  'places_close_unseen',
  `with gone as (
     update places set closed_at = $3::timestamptz, updated_at = $3::timestamptz
     where source = $1::text::place_source and closed_at is null and seen_in_run_id is distinct from $2::uuid
     returning 1
   )
   select count(*)::int as closed from gone`,
);

/** What a sweep did not list is no more. @returns how many */
export const closePlacesUnseen = async (
  tx: Transaction,
  source: PlaceSource,
  runId: string,
  now: Date,
): Promise<number> => (await tx.rows(closeUnseen, [source, runId, now.toISOString()]))[0]!.closed;
