/** The only spatial vocabulary: lon/lat order, SRID 4326 and metres are decided here. */

/** A vertex of a stored path; tMs is the epoch in milliseconds. */
export interface Vertex {
  tMs: number;
  lat: number;
  lng: number;
}

/** EWKT of a path whose M is the epoch second; null for a path without lines (a geography holds no empty ones). */
export function ewktOfPath(lines: readonly (readonly Vertex[])[]): string | null {
  if (lines.length === 0) return null;
  const text = lines.map(
    (line) => `(${line.map(({ lng, lat, tMs }) => `${lng} ${lat} ${tMs / 1000}`).join(',')})`,
  );
  return `SRID=4326;MULTILINESTRING M(${text.join(',')})`;
}

/** SQL for such a text as a geography; `parameter` is a placeholder like `$3`. */
export const geographyFromEwkt = (parameter: string): string => `ST_GeogFromText(${parameter}::text)`;

/** A point as a geography (distances in metres); parameters are placeholders like `$1`. */
export const geographyPoint = (lng: string, lat: string): string =>
  `ST_SetSRID(ST_MakePoint(${lng}::float8, ${lat}::float8), 4326)::geography`;

/** The same as a geometry, to be looked up in boundaries. */
export const geometryPoint = (lng: string, lat: string): string =>
  `ST_SetSRID(ST_MakePoint(${lng}::float8, ${lat}::float8), 4326)`;

/** Rings of [lng, lat] closed by their first position: the outer one, then its holes. */
export type Area = readonly (readonly (readonly [number, number])[])[];

/** EWKT of one region, which may lie in several parts. */
export function ewktOfAreas(areas: readonly Area[]): string {
  const ring = (positions: Area[number]) => `(${positions.map(([lng, lat]) => `${lng} ${lat}`).join(',')})`;
  return `SRID=4326;MULTIPOLYGON(${areas.map((area) => `(${area.map(ring).join(',')})`).join(',')})`;
}

/** SQL for such a text as a geometry. */
export const geometryFromEwkt = (text: string): string => `ST_GeomFromEWKT(${text})`;

export const isValidArea = (geometry: string): string => `ST_IsValid(${geometry})`;

/** The areas of a geometry, mended where rings cross themselves; empty when it has none. */
export const mendedAreas = (geometry: string): string =>
  `ST_Multi(ST_CollectionExtract(ST_MakeValid(${geometry}), 3))`;

export const isEmptyArea = (geometry: string): string => `ST_IsEmpty(${geometry})`;

/** Whether two geometries are the same to the last digit. */
export const isSameGeometry = (one: string, other: string): string =>
  `ST_AsEWKB(${one}) = ST_AsEWKB(${other})`;

/** Whether a region's boundary has the point inside of it or on it; by the boundary's index. */
export const isCoveredBy = (point: string, boundary: string): string => `ST_Covers(${boundary}, ${point})`;

/**
 * A geography on the Korean plane (EPSG:5179, KGD2002 / Unified CS): metres, and conformal, so that what is nearest there
 * is nearest on the ground. An index of the plane opens a third of the pages that one of geographies does.
 */
const onPlane = (geography: string): string => `ST_Transform(${geography}::geometry, 5179)`;

/** By how much a distance on the plane is another than on the ground, in Korea: less than 0.2 %. */
const PLANE_MARGIN = 1.01;

/** Whether two geographies in Korea are so near to each other; by an index of the plane. */
export const isWithinM = (one: string, other: string, metres: string): string =>
  `${onPlane(one)} && ST_Expand(${onPlane(other)}, ${metres}::float8 * ${PLANE_MARGIN})
     and ST_Distance(${one}, ${other}) <= ${metres}::float8`;

/** Between two geographies. */
export const metresBetween = (one: string, other: string): string => `ST_Distance(${one}, ${other})`;

/** What to order by for the nearest first, by the same index. */
export const nearness = (one: string, other: string): string => `${onPlane(one)} <-> ${onPlane(other)}`;
