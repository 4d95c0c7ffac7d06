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
