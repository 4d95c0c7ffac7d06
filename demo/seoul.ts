import proj4 from 'proj4';
import { EPSG_5174 } from '../src/modules/places/projection-rules.js';
import { moved, SEOUL_FOREST } from '../test/builders/tracks.js';
import { type AirKoreaSimulator, startAirKorea } from '../test/simulators/air-korea.js';
import { type KakaoLocalSimulator, startKakaoLocal } from '../test/simulators/kakao-local.js';
import { type KmaSimulator, startKma } from '../test/simulators/kma.js';
import { type PublicDataSimulator, startPublicData } from '../test/simulators/public-data.js';
import { HOME_DONG } from './neighbours.js';

const HOUR_MS = 3_600_000;
const VETS: [name: string, bearingDeg: number, distanceM: number][] = [
  ['서울숲동물의료센터', 120, 360],
  ['보리동물병원', 295, 570],
  ['성수24시동물병원', 65, 990],
  ['한강동물병원', 240, 1_840],
];

export interface Seoul {
  env: Record<string, string>;
  close(): Promise<void>;
}

/** What the providers know around Seoul Forest today: a fine cool day with rain in the evening, vets, the dong. */
export async function startSeoul({ now }: { now: () => number }): Promise<Seoul> {
  const providers = await Promise.all([
    startKma({ now }),
    startAirKorea({ now }),
    startPublicData({ now }),
    startKakaoLocal({ now }),
  ]);
  const [kma, airKorea, publicData, kakaoLocal] = providers;
  bringWeather(kma, now());
  bringAir(airKorea);
  bringPlaces(publicData);
  bringDong(kakaoLocal);
  return {
    env: Object.assign({}, ...providers.map(({ env }) => env)) as Record<string, string>,
    close: async () => void (await Promise.all(providers.map((provider) => provider.close()))),
  };
}

/** Cold now, mildest in five hours, and rain after nine. */
function bringWeather(kma: KmaSimulator, nowMs: number): void {
  kma.set({ temperature: '6', humidity: '55', wind: '1.8', pty: '0', sky: '1' });
  for (let hour = 1; hour <= 24; hour++) {
    const temperature = String(Math.round(6 + 8 * Math.sin((Math.PI * hour) / 10)));
    const isWet = hour >= 9 && hour <= 12;
    kma.set({ temperature, pty: isWet ? '1' : '0', rainPct: isWet ? '80' : '10' }, nowMs + hour * HOUR_MS);
  }
}

function bringAir(airKorea: AirKoreaSimulator): void {
  airKorea.stations.push({ stationName: '성동구', sidoName: '서울', lat: 37.5432, lng: 127.0414 });
  airKorea.set('성동구', { pm10Value: '41', pm25Value: '19' });
}

function bringPlaces(publicData: PublicDataSimulator): void {
  const toTm = proj4('WGS84', EPSG_5174);
  VETS.forEach(([name, bearingDeg, distanceM], i) => {
    const { lat, lng } = moved(SEOUL_FOREST, bearingDeg, distanceM);
    const [x, y] = toTm.forward([lng, lat]);
    publicData.vets.push({
      MNG_NO: `30300000120200000${i}`,
      OPN_ATMY_GRP_CD: '3030000',
      BPLC_NM: name,
      ROAD_NM_ADDR: `서울특별시 성동구 예시로 ${i + 1}`,
      TELNO: `02-000-000${i}`,
      SALS_STTS_CD: '01',
      CRD_INFO_X: x.toFixed(6),
      CRD_INFO_Y: y.toFixed(6),
      LAST_MDFCN_PNT: '2026-10-20 11:00:00',
    });
  });
  const cafe = moved(SEOUL_FOREST, 30, 700);
  publicData.petPlaces.push({
    ...{ contentid: '700001', contenttypeid: '39', title: '멍멍카페 성수', showflag: '1' },
    ...{ addr1: '서울특별시 성동구 예시로 20', tel: '', modifiedtime: '20261020110000' },
    ...{ mapx: String(cafe.lng), mapy: String(cafe.lat) },
  });
}

function bringDong(kakaoLocal: KakaoLocalSimulator): void {
  kakaoLocal.regions.push({
    code: HOME_DONG,
    names: ['서울특별시', '성동구', '성수1가1동'],
    box: [37.4, 126.8, 37.7, 127.2],
  });
}
