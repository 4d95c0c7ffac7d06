import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { MetricValueWithName } from 'prom-client';
import { CONFIG, type Config } from '../../config/config.js';
import { Cache } from '../cache/cache.js';
import { Database } from '../database/database.js';
import { HttpClient } from '../outbound/http-client.js';
import { Queue } from '../queue/queue.js';
import { Storage } from '../storage/storage.js';
import { within } from '../within.js';
import { Alerts } from './alerts.js';
import { Metrics } from './metrics.js';
import { type HttpSample, MAX_ERROR_SHARE, MAX_P95_S, trafficBetween } from './watch-rules.js';

const EVERY_MS = 30_000;
const LOOK_WITHIN_MS = 5_000;
/** A dependency that misses one look has only blinked. */
const MISSES = 2;
/** Looks until what goes on is said again, and looks that traffic is judged over: ten and five minutes. */
const LOOKS_BETWEEN_WORDS = 20;
const LOOKS_OF_TRAFFIC = 10;
const MAX_WAITING_JOBS = 1_000;
const MAX_JOB_AGE_S = 600;
/** Of readiness, which says 503 on purpose. */
const UNJUDGED = '/health/';

/** What is wrong, for the log; null: nothing. */
export type Finding = Record<string, unknown> | null;

export interface WatchedThing {
  /** Kebab-case, in `docs/alarms.md`. */
  alarm: string;
  sentence: string;
  look: () => Promise<Finding> | Finding;
  /** Findings in a row that it takes; 1 by default. */
  misses?: number;
}

interface State {
  missed: number;
  /** Looks since it was raised. */
  raisedFor: number | null;
}

/** Looks twice a minute whether all is well, and says so in the log (and so to operators) when it is not, and when it is again. */
@Injectable()
export class Watch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger(Watch.name);
  private readonly things = new Map<WatchedThing, State>();
  private samples: HttpSample[] = [];
  private timer?: NodeJS.Timeout;
  private looking: Promise<void> | null = null;

  constructor(
    private readonly db: Database,
    private readonly queue: Queue,
    private readonly http: HttpClient,
    cache: Cache,
    storage: Storage,
    private readonly metrics: Metrics,
    private readonly alerts: Alerts,
    @Inject(CONFIG) config: Config,
  ) {
    const dependencies: Record<string, () => Promise<void>> = {
      database: () => this.db.ping(),
      ...(config.redisUrl && { redis: () => cache.ping() }),
      storage: () => storage.ping(),
    };
    const up = metrics.gauge('bowwow_dependency_up', '0 when the last look at it failed', 'dependency');
    for (const [dependency, ask] of Object.entries(dependencies)) {
      up.set({ dependency }, 1);
      const look = async (): Promise<Finding> => {
        const finding = await within(ask(), LOOK_WITHIN_MS).then(
          () => null,
          (error: unknown) => ({ err: error }),
        );
        up.set({ dependency }, finding ? 0 : 1);
        return finding;
      };
      this.add({
        alarm: `${dependency}-down`,
        sentence: `the ${dependency} does not answer`,
        look,
        misses: MISSES,
      });
    }
    this.add({
      alarm: 'provider-down',
      sentence: 'a provider is left alone after too many failures',
      look: () => this.lookAtProviders(),
      misses: MISSES,
    });
    this.add({
      alarm: 'queue-behind',
      sentence: 'jobs do not come to their turn',
      look: () => this.lookAtQueue(),
    });
    this.add({ alarm: 'error-rate', sentence: 'too many requests fail', look: () => this.lookAtErrors() });
    this.add({ alarm: 'slow', sentence: 'requests take too long', look: () => this.lookAtTimes() });
  }

  /** Whoever has more to look after adds it when it is made. */
  add(thing: WatchedThing): void {
    this.things.set(thing, { missed: 0, raisedFor: null });
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.look(), EVERY_MS).unref();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Never throws. While one look goes on there is no second: two misses in a burst would be one. */
  look(): Promise<void> {
    this.looking ??= this.lookOnce().finally(() => (this.looking = null));
    return this.looking;
  }

  private async lookOnce(): Promise<void> {
    this.samples = [...this.samples, await this.sample()].slice(-LOOKS_OF_TRAFFIC - 1);
    await Promise.all([...this.things].map(([thing, state]) => this.lookAt(thing, state)));
    this.alerts.tellHeld();
  }

  private async lookAt({ alarm, sentence, look, misses = 1 }: WatchedThing, state: State): Promise<void> {
    let finding: Finding;
    try {
      finding = await look();
    } catch (error) {
      this.log.warn({ err: error, about: alarm }, 'nobody knows'); // as while the database is down
      return;
    }
    if (!finding) {
      state.missed = 0;
      if (state.raisedFor === null) return;
      state.raisedFor = null;
      this.log.log({ over: alarm }, 'an alarm is over');
      this.alerts.recover(alarm, `${sentence} no more`);
      return;
    }
    state.missed++;
    if (state.missed < misses) return;
    state.raisedFor = state.raisedFor === null ? 0 : state.raisedFor + 1;
    if (state.raisedFor % LOOKS_BETWEEN_WORDS === 0) this.log.error({ alarm, ...finding }, sentence);
  }

  private lookAtProviders(): Finding {
    const left = this.http.providers.filter((name) => name !== 'slack' && this.http.isLeftAlone(name));
    return left.length > 0 ? { providers: left.join(' ') } : null;
  }

  private async lookAtQueue(): Promise<Finding> {
    const behind = [...(await this.queue.backlog())].map(([job, backlog]) => ({ job, ...backlog }));
    const waiting = behind.reduce((sum, { count }) => sum + count, 0);
    const oldest = behind.sort((a, b) => b.oldestS - a.oldestS)[0];
    if (waiting <= MAX_WAITING_JOBS && (oldest?.oldestS ?? 0) <= MAX_JOB_AGE_S) return null;
    return { waiting, oldest: oldest!.job, oldestS: Math.round(oldest!.oldestS) };
  }

  private lookAtErrors(): Finding {
    const traffic = this.traffic();
    if (!traffic || traffic.errorShare <= MAX_ERROR_SHARE) return null;
    return { requests: traffic.count, percent: Math.round(traffic.errorShare * 100) };
  }

  private lookAtTimes(): Finding {
    const traffic = this.traffic();
    if (!traffic || traffic.p95S <= MAX_P95_S) return null;
    return { requests: traffic.count, p95S: traffic.p95S };
  }

  private traffic() {
    const [first] = this.samples;
    return first ? trafficBetween(first, this.samples.at(-1)!) : null;
  }

  private async sample(): Promise<HttpSample> {
    const { values } = await this.metrics.httpDuration.get();
    const within = new Map<number, number>();
    let [count, failed] = [0, 0];
    for (const { metricName, labels, value } of values as MetricValueWithName<string>[]) {
      if (String(labels.route).startsWith(UNJUDGED)) continue;
      if (metricName?.endsWith('_count')) {
        count += value;
        if (labels.status === '5xx') failed += value;
      } else if (metricName?.endsWith('_bucket') && labels.le !== '+Inf')
        within.set(Number(labels.le), (within.get(Number(labels.le)) ?? 0) + value);
    }
    return { count, failed, within: [...within].sort(([a], [b]) => a - b) };
  }
}
