import proj4 from 'proj4';
import { isNearKorea } from '../../platform/rules/korea.js';

/**
 * EPSG:5174, "Korean 1985 / Modified Central Belt": Bessel's ellipsoid, with the 10.405″ by which its meridian was off.
 * The string is that of PROVIDERS.md §8 (EPSG's towgs84 of the datum, in metres, arc seconds and ppm).
 */
export const EPSG_5174 =
  '+proj=tmerc +lat_0=38 +lon_0=127.0028902777778 +k=1 +x_0=200000 +y_0=500000 +ellps=bessel +units=m +towgs84=-115.80,474.99,674.11,1.16,-2.31,-1.63,6.43';

const WGS84 = '+proj=longlat +datum=WGS84 +no_defs';
const converter = proj4(EPSG_5174, WGS84);

export interface Spot {
  lat: number;
  lng: number;
}

/** As metres, degrees (and zeros) would be a spot at sea, 150 km west of 제주. */
const LARGEST_DEGREE = 180;

/** Metres east and north to degrees (WGS84); null for what is not in Korea, as other projections' numbers are not. */
export function spotOf5174(x: number, y: number): Spot | null {
  if (!Number.isFinite(x) || !Number.isFinite(y)) return null;
  if (Math.abs(x) <= LARGEST_DEGREE && Math.abs(y) <= LARGEST_DEGREE) return null;
  const [lng, lat] = converter.forward<[number, number]>([x, y]);
  return spotOf(lat, lng);
}

/** Null for what cannot be right. */
export const spotOf = (lat: number, lng: number): Spot | null =>
  Number.isFinite(lat) && Number.isFinite(lng) && isNearKorea(lat, lng) ? { lat, lng } : null;
