/** The box that holds South Korea with all of its islands (백령도, 마라도, 독도), and some sea and neighbours. */
const KOREA = { south: 33, north: 39, west: 124, east: 132 } as const;
/** What of that box lies across the Korea Strait: Tsushima and Kyushu. */
const JAPAN = { maxLat: 34.95, minLng: 129.05 } as const;

/** Degrees (WGS84). */
export const isNearKorea = (lat: number, lng: number): boolean =>
  lat >= KOREA.south && lat <= KOREA.north && lng >= KOREA.west && lng <= KOREA.east;

/** What is served: Korea and the sea around it. Degrees (WGS84). */
export const isInKorea = (lat: number, lng: number): boolean =>
  isNearKorea(lat, lng) && !(lat < JAPAN.maxLat && lng > JAPAN.minLng);
