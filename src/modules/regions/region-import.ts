import { feature } from 'topojson-client';
import { kstDate, toDateColumn } from '../../platform/clock/kst.js';
import { type Database, statement, type Transaction } from '../../platform/database/database.js';
import {
  ewktOfAreas,
  geometryFromEwkt,
  isEmptyArea,
  isSameGeometry,
  isValidArea,
  mendedAreas,
} from '../../platform/database/geo.sql.js';
import { moveHomeRegions, withSidoOfToday } from '../users/index.js';
import { moveStartRegions } from '../walks/index.js';
import { type AliasRejection, aliasesOfText, straightened } from './region-alias-rules.js';
import {
  type DrawnRegion,
  regionsOfFile,
  type RejectedFeature,
  RegionFileError,
} from './region-file-rules.js';

export { RegionFileError } from './region-file-rules.js';

type Topology = Parameters<typeof feature>[0];

const BATCH = 100;
/** For all batches together: they are one transaction, so that a crash leaves the boundaries as they were. */
const IMPORT_TIMEOUT_MS = 15 * 60_000;
/** A file that lacks more than this share of the regions is not one of the whole country. */
const MAX_SHARE_RETIRED = 0.2;
const FOLLOWERS_PER_STATEMENT = 5_000;

interface BatchCounts {
  written: number;
  added: number;
  changed: number;
  repaired: number;
  /** Codes whose geometry had no area left. */
  empty: string[];
}

/** $1 dongs as JSON, $2 now. */
const writeBatch = statement<BatchCounts>(
  'regions_import_batch',
  `with given as materialized (
     select code, sido, gu, dong, ${geometryFromEwkt('ewkt')} as drawn
     from json_to_recordset($1::json) as one (code text, sido text, gu text, dong text, ewkt text)
   ), mended as materialized (
     select code, sido, gu, dong, ${isValidArea('drawn')} as is_valid,
            case when ${isValidArea('drawn')} then drawn else ${mendedAreas('drawn')} end as boundary
     from given
   ), compared as materialized (
     select mended.*, known.code is null as is_new,
            (known.sido, known.gu, known.dong, known.retired_at) is not distinct from
              (mended.sido, mended.gu, mended.dong, null::timestamptz)
            and coalesce(${isSameGeometry('known.boundary', 'mended.boundary')}, false) as is_same
     from mended left join regions known on known.code = mended.code
     where not ${isEmptyArea('mended.boundary')}
   ), written as (
     insert into regions (code, sido, gu, dong, boundary, imported_at)
     select code, sido, gu, dong, boundary, $2::timestamptz from compared
     on conflict (code) do update
       set sido = excluded.sido, gu = excluded.gu, dong = excluded.dong, boundary = excluded.boundary,
           imported_at = excluded.imported_at, retired_at = null
   )
   select count(*)::int as written, (count(*) filter (where is_new))::int as added,
          (count(*) filter (where not is_new and not is_same))::int as changed,
          (count(*) filter (where not is_valid))::int as repaired,
          coalesce((select json_agg(code) from mended where ${isEmptyArea('boundary')}), '[]') as empty
   from compared`,
);

const importedBefore = statement<{ count: number }>(
  'regions_imported_before',
  `select count(*)::int as count from regions where imported_at is not null and retired_at is null`,
);

/** $1 now: what this import did not name. A region without a boundary is in nobody's way. */
const retire = statement<{ code: string }>(
  'regions_retire',
  `update regions set retired_at = $1::timestamptz, boundary = null
   where imported_at < $1::timestamptz and retired_at is null returning code`,
);

export interface ImportReport {
  imported: number;
  added: number;
  changed: number;
  retired: number;
  repaired: number;
  rejected: RejectedFeature[];
}

export interface ImportOptions {
  now: Date;
  onProgress?: (done: number, total: number) => void;
  /** Lets a file that lacks many of the known regions retire them. */
  retireMany?: boolean;
}

/**
 * Boundaries of all dongs, in one transaction.
 * @param file parsed GeoJSON or TopoJSON
 * @throws RegionFileError when the file cannot be what it should be; nothing has changed then
 */
export async function importRegions(
  db: Database,
  file: unknown,
  { now, onProgress, retireMany = false }: ImportOptions,
): Promise<ImportReport> {
  const { regions, rejected } = regionsOfFile(collectionOf(file), withSidoOfToday);
  return db.transaction(
    async (tx) => {
      const report = { imported: 0, added: 0, changed: 0, retired: 0, repaired: 0, rejected: [...rejected] };
      const before = (await tx.rows(importedBefore, []))[0]!.count;
      for (let from = 0; from < regions.length; from += BATCH) {
        const counts = await write(tx, regions.slice(from, from + BATCH), now);
        report.imported += counts.written;
        report.added += counts.added;
        report.changed += counts.changed;
        report.repaired += counts.repaired;
        for (const code of counts.empty) report.rejected.push({ at: -1, code, reason: 'no-area' });
        onProgress?.(Math.min(from + BATCH, regions.length), regions.length);
      }
      report.retired = (await tx.rows(retire, [now.toISOString()])).length;
      if (!retireMany && report.retired > before * MAX_SHARE_RETIRED)
        throw new RegionFileError(
          `The file lacks ${report.retired} of the ${before} regions that were imported before, so it is not one of the whole country. Nothing was changed; with --retire-many they would be retired.`,
        );
      return report;
    },
    { timeoutMs: IMPORT_TIMEOUT_MS },
  );
}

async function write(tx: Transaction, regions: DrawnRegion[], now: Date): Promise<BatchCounts> {
  const given = regions.map(({ areas, ...region }) => ({ ...region, ewkt: ewktOfAreas(areas) }));
  const [counts] = await tx.rows(writeBatch, [JSON.stringify(given), now.toISOString()]);
  return counts!;
}

/** A TopoJSON's objects as one collection; anything else as it is. */
function collectionOf(file: unknown): unknown {
  const { type, objects } = (file ?? {}) as Partial<Topology>;
  if (type !== 'Topology' || !objects) return file;
  try {
    return {
      type: 'FeatureCollection',
      features: Object.values(objects).flatMap((object) => {
        const made = feature(file as Topology, object);
        return 'features' in made ? made.features : [made];
      }),
    };
  } catch (error) {
    throw new RegionFileError('The TopoJSON cannot be read: its arcs are not what its objects need.', {
      cause: error,
    });
  }
}

export interface AliasReport {
  aliases: number;
  rejected: { line: number; reason: AliasRejection }[];
  /** Home regions and starts of walks that were turned into today's code. */
  users: number;
  walks: number;
}

/**
 * Aliases of codes: lines of `old code, new code, date`. Whoever has an old code has the new one after it.
 * @throws RegionFileError when they lead in a circle; nothing has changed then
 */
export async function importAliases(
  db: Database,
  text: string,
  { now }: { now: Date },
): Promise<AliasReport> {
  const { aliases, rejected } = aliasesOfText(text, kstDate(now));
  await db.transaction(async (tx) => {
    const known = await tx.prisma.regionAlias.findMany();
    const all = known.map(({ oldCode, newCode, validFrom }) => ({
      ...{ oldCode, newCode: withSidoOfToday(newCode) },
      validFrom: validFrom.toISOString().slice(0, 10),
    }));
    for (const alias of aliases) all.push({ ...alias, newCode: withSidoOfToday(alias.newCode) });
    let straight;
    try {
      straight = straightened(all);
    } catch (error) {
      throw new RegionFileError((error as Error).message, { cause: error });
    }
    await tx.prisma.regionAlias.deleteMany();
    await tx.prisma.regionAlias.createMany({
      data: straight.map((alias) => ({ ...alias, validFrom: toDateColumn(alias.validFrom) })),
    });
  });
  return { aliases: aliases.length, rejected, ...(await followCodes(db)) };
}

/** Page by page over everybody, so that no transaction is long; what was not reached is done by the next import. */
async function followCodes(db: Database): Promise<{ users: number; walks: number }> {
  return {
    users: await moveHomeRegions(db, FOLLOWERS_PER_STATEMENT),
    walks: await moveStartRegions(db, FOLLOWERS_PER_STATEMENT),
  };
}
