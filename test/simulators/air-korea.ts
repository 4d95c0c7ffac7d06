import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { secret } from '../support/leaks.js';
import {
  type FailureMatch,
  failures,
  gatewayXml,
  kstParts,
  pageOf,
  playFailure,
  type PublicDataFailure,
  serviceError,
} from './data-go-kr-wire.js';
import { type Simulator, type SimulatorOptions, startSimulator } from './simulator.js';

export interface SimulatedStation {
  stationName: string;
  sidoName: string;
  lat: number;
  lng: number;
}

/** As on the wire. */
export interface SimulatedReading {
  pm10Value: string | null;
  pm10Flag: string | null;
  pm25Value: string | null;
  pm25Flag: string | null;
  /** `2026-11-01 24:00`; the last full hour unless given. */
  dataTime: string;
}

export interface AirKoreaSimulator extends Simulator {
  /** What the app needs in its environment to ask this simulator. */
  env: { AIR_KOREA_API_KEY: string; AIR_KOREA_BASE_URL: string };
  stations: SimulatedStation[];
  /** Operations that were asked with the right key, in order. */
  calls: string[];
  /** What a station measures from now on. */
  set(stationName: string, reading: Partial<SimulatedReading>): void;
  fail(failure: PublicDataFailure, match?: FailureMatch): void;
  reset(): void;
}

const PATH = '/B552584';
const HOUR_MS = 3_600_000;
/** The value of an hour is there about this long after it. */
const DELAY_MS = 15 * 60_000;

const STATIONS: SimulatedStation[] = [
  { stationName: '중구', sidoName: '서울', lat: 37.564639, lng: 126.975961 },
  { stationName: '종로구', sidoName: '서울', lat: 37.572025, lng: 127.005028 },
  { stationName: '마포구', sidoName: '서울', lat: 37.5498, lng: 126.9455 },
  { stationName: '농성동', sidoName: '전남광주', lat: 35.153, lng: 126.883 },
  { stationName: '이도동', sidoName: '제주', lat: 33.499, lng: 126.53 },
];

/** ArpltnInforInqireSvc and MsrstnInfoInqireSvc behind data.go.kr; PROVIDERS.md §8. */
export async function startAirKorea(options: SimulatorOptions = {}): Promise<AirKoreaSimulator> {
  const now = options.now ?? Date.now;
  // With characters that are encoded twice by whoever takes the wrong form of the key; dots never are.
  const key = `air+/.${secret(randomBytes(24).toString('hex'))}.sim==`;
  const calls: string[] = [];
  const failing = failures();
  const readings = new Map<string, Partial<SimulatedReading>>();
  const stations = [...STATIONS];

  function answering(rowsOf: (query: Record<string, string | undefined>) => object[] | null) {
    return (request: FastifyRequest, reply: FastifyReply) => {
      const query = request.query as Record<string, string | undefined>;
      const operation = request.url.split('?', 1)[0]!.split('/').at(-1)!;
      if (query.serviceKey !== key) return gatewayXml(reply, '30');
      calls.push(operation);
      const failure = failing.take(operation);
      if (failure && playFailure(reply, failure)) return reply;
      const [pageNo, numOfRows] = [Number(query.pageNo ?? 1), Number(query.numOfRows ?? 10)];
      const all = query.returnType === 'json' ? rowsOf(query) : null;
      if (!all) return serviceError(reply, '11', 'NO_MANDATORY_REQUEST_PARAMETERS_ERROR');
      const items =
        failure === 'empty-items'
          ? ''
          : failure === 'single-object'
            ? all[0]
            : pageOf(all, { pageNo, numOfRows });
      return reply.send({
        response: {
          header: { resultCode: '00', resultMsg: 'NORMAL_CODE' },
          body: { totalCount: all.length, items, pageNo, numOfRows },
        },
      });
    };
  }

  const listed = ({ stationName, sidoName, lat, lng }: SimulatedStation) => ({
    ...{ stationName, dmX: String(lat), dmY: String(lng), addr: `${sidoName} ${stationName}` },
    ...{ item: 'SO2, CO, O3, NO2, PM10, PM2.5', mangName: '도시대기', year: '1995' },
  });
  const measured = ({ stationName, sidoName }: SimulatedStation) => ({
    ...{
      stationName,
      sidoName,
      stationCode: '111121',
      mangName: '도시대기',
      dataTime: dataTimeAt(now() - DELAY_MS),
    },
    ...{ pm10Value: '37', pm10Value24: '35', pm10Grade: '2', pm10Grade1h: '2', pm10Flag: null },
    ...{ pm25Value: '18', pm25Value24: '16', pm25Grade: '2', pm25Grade1h: '2', pm25Flag: null },
    ...{ o3Value: '0.031', o3Grade: '2', o3Flag: null, no2Value: '0.021', no2Grade: '1', no2Flag: null },
    ...{ coValue: '0.4', coGrade: '1', coFlag: null, so2Value: '0.003', so2Grade: '1', so2Flag: null },
    ...{ khaiValue: '66', khaiGrade: '2' },
    ...readings.get(stationName),
  });

  const simulator = await startSimulator(options, (server) => {
    server.get(
      `${PATH}/ArpltnInforInqireSvc/getCtprvnRltmMesureDnsty`,
      answering(({ sidoName }) => {
        if (!sidoName) return null;
        return stations.filter((one) => sidoName === '전국' || one.sidoName === sidoName).map(measured);
      }),
    );
    server.get(
      `${PATH}/MsrstnInfoInqireSvc/getMsrstnList`,
      answering(() => stations.map(listed)),
    );
  });
  return {
    ...simulator,
    env: { AIR_KOREA_API_KEY: key, AIR_KOREA_BASE_URL: simulator.url + PATH },
    stations,
    calls,
    set: (stationName, reading) =>
      void readings.set(stationName, { ...readings.get(stationName), ...reading }),
    fail: (failure, match) => failing.add(failure, match),
    reset() {
      failing.clear();
      simulator.clearFaults();
      simulator.requests.length = 0;
      calls.length = 0;
      readings.clear();
      stations.splice(0, stations.length, ...STATIONS);
    },
  };
}

/** The last full hour; midnight is the 24th of the day before. */
function dataTimeAt(atMs: number): string {
  const [date, time] = kstParts(Math.floor(atMs / HOUR_MS) * HOUR_MS);
  if (time !== '0000') return `${dashed(date)} ${time.slice(0, 2)}:00`;
  const [dayBefore] = kstParts(Math.floor(atMs / HOUR_MS) * HOUR_MS - HOUR_MS);
  return `${dashed(dayBefore)} 24:00`;
}

const dashed = (date: string) => date.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3');
