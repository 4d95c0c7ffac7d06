import type { Area } from '../../platform/database/geo.sql.js';
import { isNearKorea } from '../../platform/rules/korea.js';
import { partsOfName, type Region } from './region-name-rules.js';

/** A dong as a file of boundaries has it. */
export interface DrawnRegion extends Region {
  areas: Area[];
}

export type RejectionReason =
  | 'no-code' // `adm_cd2` is not ten digits
  | 'no-name' // `adm_nm` does not go from sido to dong
  | 'no-area' // not a polygon, or one whose rings are none
  | 'outside-korea'
  | 'twice'; // the code was in the file before

export interface RejectedFeature {
  /** Its place in the file, from 0. */
  at: number;
  code: string | null;
  reason: RejectionReason;
}

export class RegionFileError extends Error {}

interface Feature {
  properties?: Record<string, unknown> | null;
  geometry?: { type?: unknown; coordinates?: unknown } | null;
}

const CODE = /^\d{10}$/;
/** Above this share of features that are not in Korea it is the projection that is wrong, not the feature. */
const MAX_SHARE_OUTSIDE = 0.1;
const MIN_RING = 4;

/**
 * The dongs of a GeoJSON FeatureCollection as in vuski/admdongkor: `adm_cd2` is the ten-digit code, `adm_nm` the
 * name from sido to dong (PROVIDERS.md §13).
 * @param codeNow the code of today for one of the file's
 * @throws RegionFileError when it is another kind of file, or in another projection
 */
export function regionsOfFile(
  collection: unknown,
  codeNow: (code: string) => string,
): { regions: DrawnRegion[]; rejected: RejectedFeature[] } {
  const features = featuresOf(collection);
  if (!features.some(({ properties }) => properties && 'adm_cd2' in properties && 'adm_nm' in properties))
    throw new RegionFileError(
      'No feature has the properties adm_cd2 (ten-digit code) and adm_nm (name): this is not a file of dong boundaries as in vuski/admdongkor.',
    );
  const regions = new Map<string, DrawnRegion>();
  const rejected: RejectedFeature[] = [];
  features.forEach((feature, at) => {
    const code = textOf(feature.properties?.adm_cd2);
    const result = regionOf(feature, code, codeNow);
    if (typeof result === 'string') rejected.push({ at, code, reason: result });
    else if (regions.has(result.code)) rejected.push({ at, code, reason: 'twice' });
    else regions.set(result.code, result);
  });
  const outside = rejected.filter(({ reason }) => reason === 'outside-korea').length;
  if (outside > features.length * MAX_SHARE_OUTSIDE)
    throw new RegionFileError(
      `${outside} of ${features.length} features lie outside of Korea (latitude 33–39, longitude 124–132): the file is not in EPSG:4326 (WGS84, longitude first). Convert it, as from EPSG:5179 or EPSG:5186: ogr2ogr -t_srs EPSG:4326 out.geojson in.geojson`,
    );
  return { regions: [...regions.values()], rejected };
}

function featuresOf(collection: unknown): Feature[] {
  const { type, features } = (collection ?? {}) as { type?: unknown; features?: unknown };
  if (type !== 'FeatureCollection' || !Array.isArray(features) || features.length === 0)
    throw new RegionFileError('Not a GeoJSON FeatureCollection (nor a TopoJSON topology) with features.');
  return features as Feature[];
}

function regionOf(
  { properties, geometry }: Feature,
  code: string | null,
  codeNow: (code: string) => string,
): DrawnRegion | RejectionReason {
  if (!code || !CODE.test(code)) return 'no-code';
  const parts = partsOfName(textOf(properties?.adm_nm) ?? '');
  if (!parts) return 'no-name';
  const polygons =
    geometry?.type === 'Polygon'
      ? [geometry.coordinates]
      : geometry?.type === 'MultiPolygon'
        ? geometry.coordinates
        : null;
  if (!Array.isArray(polygons) || polygons.length === 0 || !polygons.every(isArea)) return 'no-area';
  if (!polygons.flat(2).every(([lng, lat]) => isNearKorea(lat!, lng!))) return 'outside-korea';
  return {
    code: codeNow(code),
    ...parts,
    areas: polygons.map((rings) => rings.map((ring) => closed(ring.map(([lng, lat]) => [lng!, lat!])))),
  };
}

const isArea = (polygon: unknown): polygon is number[][][] =>
  Array.isArray(polygon) &&
  polygon.length > 0 &&
  polygon.every(
    (ring) =>
      Array.isArray(ring) &&
      ring.length >= MIN_RING &&
      ring.every(
        (position) => Array.isArray(position) && Number.isFinite(position[0]) && Number.isFinite(position[1]),
      ),
  );

function closed(ring: [number, number][]): [number, number][] {
  const [first, last] = [ring[0]!, ring.at(-1)!];
  return first[0] === last[0] && first[1] === last[1] ? ring : [...ring, first];
}

const textOf = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number' ? String(value).trim() : null;
