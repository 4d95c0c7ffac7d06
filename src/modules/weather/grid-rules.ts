import { isInKorea } from '../../platform/rules/korea.js';

/**
 * KMA's grid of 5 km: a Lambert conformal conic projection, as in `DFS_XY_CONV` of the guide to the short-range
 * forecast (data.go.kr 15084084).
 */
const EARTH_RADIUS_KM = 6371.00877;
const CELL_KM = 5;
const FIRST_PARALLEL_DEG = 30;
const SECOND_PARALLEL_DEG = 60;
const ORIGIN_LNG_DEG = 126;
const ORIGIN_LAT_DEG = 38;
/** The cell of the origin. */
const ORIGIN_NX = 43;
const ORIGIN_NY = 136;
/** KMA knows the cells from 1 to these. */
export const MAX_NX = 149;
export const MAX_NY = 253;

export interface Cell {
  nx: number;
  ny: number;
}

export interface LatLng {
  lat: number;
  lng: number;
}

const RAD = Math.PI / 180;
const radiusCells = EARTH_RADIUS_KM / CELL_KM;
const slope = (latDeg: number) => Math.tan(Math.PI / 4 + (latDeg * RAD) / 2);
const cone =
  Math.log(Math.cos(FIRST_PARALLEL_DEG * RAD) / Math.cos(SECOND_PARALLEL_DEG * RAD)) /
  Math.log(slope(SECOND_PARALLEL_DEG) / slope(FIRST_PARALLEL_DEG));
const scale = (slope(FIRST_PARALLEL_DEG) ** cone * Math.cos(FIRST_PARALLEL_DEG * RAD)) / cone;
const fromPole = (latDeg: number) => (radiusCells * scale) / slope(latDeg) ** cone;
const originFromPole = fromPole(ORIGIN_LAT_DEG);

export function toGrid({ lat, lng }: LatLng): Cell {
  const distance = fromPole(lat);
  const angle = (lng - ORIGIN_LNG_DEG) * RAD * cone;
  return {
    nx: Math.floor(distance * Math.sin(angle) + ORIGIN_NX + 0.5),
    ny: Math.floor(originFromPole - distance * Math.cos(angle) + ORIGIN_NY + 0.5),
  };
}

export function centreOf({ nx, ny }: Cell): LatLng {
  const east = nx - ORIGIN_NX;
  const north = originFromPole - (ny - ORIGIN_NY);
  const distance = Math.hypot(east, north);
  return {
    lat: (2 * Math.atan(((radiusCells * scale) / distance) ** (1 / cone)) - Math.PI / 2) / RAD,
    lng: ORIGIN_LNG_DEG + Math.atan2(east, north) / cone / RAD,
  };
}

/** Korea and the sea around it, as far as KMA's grid goes: it has figures for the sea as well. */
export function hasWeather({ lat, lng }: LatLng): boolean {
  const { nx, ny } = toGrid({ lat, lng });
  return isInKorea(lat, lng) && nx >= 1 && nx <= MAX_NX && ny >= 1 && ny <= MAX_NY;
}
