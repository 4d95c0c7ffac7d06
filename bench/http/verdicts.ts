import { median } from '../figures.js';
import type { Burst } from './load.js';

/** So many connections are a crowd: what is asked of a server there is that it stands. */
export const CROWD = 500;
export const MIN_RATE = 0.9;
const MAX_APP_CPU = 1.3;
const MAX_DATABASE_CPU = 1.1;
const MIN_OWN_RATE = 0.8;
const MAX_P95 = 1.2;

export interface Measured extends Burst {
  /** Answers a second that were no errors. */
  rate: number;
  /** Of one request, as is the next. */
  appCpuMs: number;
  databaseCpuMs: number;
  peakMb: number;
}

export interface Comparison {
  route: string;
  connections: number;
  /** Taken by turns: those of the same place stand beside each other. */
  rounds: Record<'service' | 'reference', readonly Measured[]>;
  /** The service's rate with few connections, where that was measured. */
  rateAtEase: number | undefined;
  minRate: number;
}

/** The median of each figure; errors are those of all rounds. */
function middleOf(rounds: readonly Measured[]): Measured {
  const keys = Object.keys(rounds[0]!) as (keyof Measured)[];
  const medians = keys.map((key) => [key, median(rounds.map((round) => round[key]))]);
  const errors = rounds.reduce((sum, round) => sum + round.errors, 0);
  return { ...(Object.fromEntries(medians) as unknown as Measured), errors };
}

/**
 * The service's figures as multiples of the reference's, and which limits they exceed. Each round is held against the one
 * beside it, and the middle of that counts: a machine's speed drifts by more than what is looked for.
 */
export function judged({ route, connections, rounds, rateAtEase, minRate }: Comparison) {
  const [service, reference] = [middleOf(rounds.service), middleOf(rounds.reference)];
  const ratioOf = (figure: 'rate' | 'p95Ms' | 'appCpuMs' | 'databaseCpuMs') =>
    median(rounds.service.map((round, i) => round[figure] / rounds.reference[i]![figure]));
  const ratios = {
    rate: ratioOf('rate'),
    p95: ratioOf('p95Ms'),
    appCpu: ratioOf('appCpuMs'),
    databaseCpu: ratioOf('databaseCpuMs'),
    ownRate: rateAtEase === undefined ? null : service.rate / rateAtEase,
  };
  const atEase = {
    [`rate < ${minRate}`]: ratios.rate < minRate,
    [`app CPU > ${MAX_APP_CPU}`]: ratios.appCpu > MAX_APP_CPU,
    [`DB CPU > ${MAX_DATABASE_CPU}`]: ratios.databaseCpu > MAX_DATABASE_CPU,
  };
  const inCrowd = {
    [`rate < ${MIN_OWN_RATE} of its own`]: ratios.ownRate !== null && ratios.ownRate < MIN_OWN_RATE,
    [`p95 > ${MAX_P95}`]: ratios.p95 > MAX_P95,
  };
  const faults = { errors: service.errors > 0, ...(connections < CROWD ? atEase : inCrowd) };
  const exceeded = Object.keys(faults).filter((fault) => faults[fault as keyof typeof faults]);
  return { route, connections, service, reference, ratios, exceeded };
}

export type Judged = ReturnType<typeof judged>;

const figuresRow = (name: string, of: Measured): string => {
  const times = [of.p50Ms, of.p95Ms, of.p99Ms].map((ms) => ms.toFixed(1));
  const cost = [of.appCpuMs.toFixed(2), of.databaseCpuMs.toFixed(2), of.peakMb.toFixed(0)];
  return `| ${[name, of.rate.toFixed(0), ...times, of.errors, ...cost].join(' | ')} |`;
};

const ratiosRow = ({ route, connections, ratios, exceeded }: Judged): string => {
  const { ownRate, ...others } = ratios;
  const shown = Object.values(others).map((ratio) => ratio.toFixed(2));
  const verdict = exceeded.length > 0 ? `FAIL: ${exceeded.join(', ')}` : 'PASS';
  return `| ${[route, connections, ...shown, ownRate?.toFixed(2) ?? '', verdict].join(' | ')} |`;
};

/** Markdown. */
export const tableOf = (all: readonly Judged[]): string =>
  [
    '| route | connections | server | requests/s | p50 ms | p95 ms | p99 ms | errors | app CPU ms | DB CPU ms | peak MB |',
    '|---|---|---|---|---|---|---|---|---|---|---|',
    ...all.flatMap(({ route, connections, service, reference }) => [
      figuresRow(`${route} | ${connections} | service`, service),
      figuresRow(`${route} | ${connections} | reference`, reference),
    ]),
    '',
    'Service / reference; "own rate" is with many connections / with few',
    '',
    '| route | connections | requests/s | p95 | app CPU | DB CPU | own rate | verdict |',
    '|---|---|---|---|---|---|---|---|',
    ...all.map(ratiosRow),
    '',
  ].join('\n');
