/** Made-up dongs: a grid of squares, each with a shape of its own where wanted. */

export interface Dong {
  code: string;
  name: string;
  /** Middle. */
  lat: number;
  lng: number;
  rings: [number, number][][];
}

const SOUTH = 34.5;
const WEST = 126.5;

/** `count` squares in rows of 70, south-west to north-east; each seventh has a hole, in which the next one's enclave lies. */
export function dongGrid(count: number, sizeDegrees = 0.03): Dong[] {
  return Array.from({ length: count }, (_, i) => {
    const [row, column] = [Math.floor(i / 70), i % 70];
    const [south, west] = [SOUTH + row * sizeDegrees, WEST + column * sizeDegrees];
    const gu = Math.floor(i / 20);
    return {
      code: `${11_110 + gu}${String(51_000 + (i % 20)).padStart(5, '0')}`,
      name: `서울특별시 ${gu}구 ${i}동`,
      ...{ lat: south + sizeDegrees / 4, lng: west + sizeDegrees / 4 },
      rings: [
        square(south, west, sizeDegrees),
        ...(i % 7 === 0 ? [square(south + sizeDegrees / 2, west + sizeDegrees / 2, sizeDegrees / 5)] : []),
      ],
    };
  });
}

export function square(south: number, west: number, size: number): [number, number][] {
  return [
    [west, south],
    [west + size, south],
    [west + size, south + size],
    [west, south + size],
    [west, south],
  ];
}

/** As vuski/admdongkor draws them. */
export const featureOf = ({ code, name, rings }: Pick<Dong, 'code' | 'name' | 'rings'>) => ({
  type: 'Feature',
  properties: { adm_nm: name, adm_cd: code.slice(0, 8), adm_cd2: code, sido: code.slice(0, 2) },
  geometry: { type: 'MultiPolygon', coordinates: [rings] },
});

export const collectionOf = (dongs: Pick<Dong, 'code' | 'name' | 'rings'>[]) => ({
  type: 'FeatureCollection',
  features: dongs.map(featureOf),
});
