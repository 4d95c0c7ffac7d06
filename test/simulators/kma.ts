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

/** As on the wire: all values are text. */
export interface SimulatedHour {
  temperature: string;
  humidity: string;
  wind: string;
  /** 0 none, 1 rain, 2 rain/snow, 3 snow, 4 shower, 5 drizzle, 6 drizzle + flurry, 7 flurry */
  pty: string;
  /** Number in the nowcast, words in the forecasts. */
  rain: string;
  snow: string;
  rainPct: string;
  /** 1 clear, 3 mostly cloudy, 4 overcast */
  sky: string;
  lightning: string;
}

export interface KmaCall {
  operation: Operation;
  base: string;
  nx: number;
  ny: number;
}

export interface KmaSimulator extends Simulator {
  /** What the app needs in its environment to ask this simulator. */
  env: { WEATHER_API_KEY: string; KMA_BASE_URL: string };
  /** Calls with the right key, in order. */
  calls: KmaCall[];
  /** The weather of the hour in which an instant lies; without one, of all hours that have none of their own. */
  set(weather: Partial<SimulatedHour>, at?: string | number): void;
  fail(failure: PublicDataFailure, match?: FailureMatch): void;
  /** Slots are published so much later than they should. */
  publishLate(ms: number): void;
  /** Ends all failures and faults, and forgets calls and weather. */
  reset(): void;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const PATH = '/1360000/VilageFcstInfoService_2.0';
const VILLAGE_HOURS = ['02', '05', '08', '11', '14', '17', '20', '23'];
/** The nowcast of an hour can be asked for a day long; forecasts for three. */
const OPERATIONS = {
  getUltraSrtNcst: { slot: /^\d\d00$/, delayMs: 10 * MINUTE_MS, keptMs: 24 * HOUR_MS, hours: 0 },
  getUltraSrtFcst: { slot: /^\d\d30$/, delayMs: 15 * MINUTE_MS, keptMs: 72 * HOUR_MS, hours: 6 },
  getVilageFcst: {
    slot: new RegExp(`^(${VILLAGE_HOURS.join('|')})00$`),
    delayMs: 10 * MINUTE_MS,
    keptMs: 72 * HOUR_MS,
    hours: 72,
  },
} as const;
export type Operation = keyof typeof OPERATIONS;

const FINE: SimulatedHour = {
  ...{ temperature: '14', humidity: '55', wind: '1.8', pty: '0', rain: '강수없음', snow: '적설없음' },
  ...{ rainPct: '0', sky: '1', lightning: '0' },
};

/** VilageFcstInfoService_2.0 behind data.go.kr; PROVIDERS.md §7. */
export async function startKma(options: SimulatorOptions = {}): Promise<KmaSimulator> {
  const now = options.now ?? Date.now;
  // With characters that are encoded twice by whoever takes the wrong form of the key; dots never are.
  const key = `kma+/.${secret(randomBytes(24).toString('hex'))}.sim==`;
  const calls: KmaCall[] = [];
  const failing = failures();
  const hours = new Map<number, Partial<SimulatedHour>>();
  let usual = FINE;
  let lateMs = 0;

  const hourAt = (atMs: number): SimulatedHour => ({
    ...usual,
    ...hours.get(Math.floor(atMs / HOUR_MS) * HOUR_MS),
  });

  function answer(request: FastifyRequest, reply: FastifyReply) {
    const { operation } = request.params as { operation: Operation };
    const query = request.query as Record<string, string | undefined>;
    const { serviceKey, base_date = '', base_time = '' } = query;
    const [pageNo, numOfRows, nx, ny] = ['pageNo', 'numOfRows', 'nx', 'ny'].map((name) =>
      Number(query[name]),
    );
    if (serviceKey !== key) return gatewayXml(reply, '30');
    if (!(operation in OPERATIONS)) return serviceError(reply, '12', 'NO_OPENAPI_SERVICE_ERROR');
    calls.push({ operation, base: `${base_date} ${base_time}`, nx: nx!, ny: ny! });
    const failure = failing.take(operation);
    if (failure && playFailure(reply, failure)) return reply;

    const { slot, delayMs, keptMs } = OPERATIONS[operation];
    const baseMs = Date.parse(
      `${base_date.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3')}T${base_time.replace(/^(\d\d)(\d\d)$/, '$1:$2')}:00+09:00`,
    );
    if (Number.isNaN(baseMs) || !pageNo || !numOfRows || query.dataType !== 'JSON')
      return serviceError(reply, '11', 'NO_MANDATORY_REQUEST_PARAMETERS_ERROR');
    if (!slot.test(base_time) || numOfRows > 1_000)
      return serviceError(reply, '10', 'INVALID_REQUEST_PARAMETER_ERROR');
    if (!isInGrid(nx!, ny!) || now() < baseMs + delayMs + lateMs || now() - baseMs > keptMs)
      return serviceError(reply, '03', 'NO_DATA');

    const all = itemsOf(operation, baseMs).map((item) => ({
      ...{ baseDate: base_date, baseTime: base_time, ...item, nx, ny },
    }));
    const items =
      failure === 'empty-items'
        ? ''
        : { item: failure === 'single-object' ? all[0] : pageOf(all, { pageNo, numOfRows }) };
    return reply.send({
      response: {
        header: { resultCode: '00', resultMsg: 'NORMAL_SERVICE' },
        body: { dataType: 'JSON', items, pageNo, numOfRows, totalCount: all.length },
      },
    });
  }

  function itemsOf(operation: Operation, baseMs: number) {
    if (operation === 'getUltraSrtNcst') return nowcastItems(hourAt(baseMs));
    const first = Math.floor(baseMs / HOUR_MS) + 1;
    return Array.from({ length: OPERATIONS[operation].hours }, (_, i) => (first + i) * HOUR_MS).flatMap(
      (atMs) => {
        const [fcstDate, fcstTime] = kstParts(atMs);
        const values =
          operation === 'getUltraSrtFcst' ? soonValues(hourAt(atMs)) : villageValues(hourAt(atMs), fcstTime);
        return Object.entries(values).map(([category, fcstValue]) => ({
          ...{ category, fcstDate, fcstTime, fcstValue },
        }));
      },
    );
  }

  const simulator = await startSimulator(options, (server) => {
    server.get(`${PATH}/:operation`, answer);
  });
  return {
    ...simulator,
    env: { WEATHER_API_KEY: key, KMA_BASE_URL: simulator.url + PATH },
    calls,
    set(weather, at) {
      if (at === undefined) usual = { ...usual, ...weather };
      else {
        const hourMs = Math.floor((typeof at === 'number' ? at : Date.parse(at)) / HOUR_MS) * HOUR_MS;
        hours.set(hourMs, { ...hours.get(hourMs), ...weather });
      }
    },
    fail: (failure, match) => failing.add(failure, match),
    publishLate: (ms) => void (lateMs = ms),
    reset() {
      failing.clear();
      simulator.clearFaults();
      simulator.requests.length = 0;
      hours.clear();
      calls.length = 0;
      usual = FINE;
      lateMs = 0;
    },
  };
}

const isInGrid = (nx: number, ny: number) => nx >= 1 && nx <= 149 && ny >= 1 && ny <= 253;

function nowcastItems({ temperature, humidity, wind, pty, rain }: SimulatedHour) {
  const millimetres = /^[\d.]+/.exec(rain)?.[0] ?? '0';
  const values = { PTY: pty, REH: humidity, RN1: millimetres, T1H: temperature, UUU: '1.2', VEC: '270' };
  return Object.entries({ ...values, VVV: '-0.4', WSD: wind }).map(([category, obsrValue]) => ({
    category,
    obsrValue,
  }));
}

const soonValues = ({ temperature, humidity, wind, pty, rain, sky, lightning }: SimulatedHour) => ({
  ...{ LGT: lightning, PTY: pty, RN1: rain, SKY: sky, T1H: temperature, REH: humidity },
  ...{ UUU: '1', VVV: '0', VEC: '270', WSD: wind },
});

const villageValues = (
  { temperature, humidity, wind, pty, rain, snow, rainPct, sky }: SimulatedHour,
  time: string,
) => ({
  ...{ TMP: temperature, UUU: '1', VVV: '0', VEC: '270', WSD: wind, SKY: sky, PTY: pty, POP: rainPct },
  ...{ WAV: '-999', PCP: rain, REH: humidity, SNO: snow },
  ...(time === '0600' && { TMN: '3.0' }),
  ...(time === '1500' && { TMX: '17.0' }),
});
