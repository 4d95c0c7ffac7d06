import { Inject, Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { Database } from '../database/database.js';
import { HttpClient } from '../outbound/http-client.js';
import { Queue } from '../queue/queue.js';
import { within } from '../within.js';

/** Injection token of the table of what is counted of the product: name → what it says. */
export const COUNTED = Symbol('COUNTED');

const HTTP_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
const PROVIDER_BUCKETS_S = [0.05, 0.2, 0.5, 1, 2, 5, 10, 30];
const JOB_BUCKETS_S = [0.05, 0.5, 5, 30, 120];
/** A database that is away must not keep the scraper waiting. */
const COLLECT_WITHIN_MS = 2_000;

/**
 * What this process has to tell Prometheus, in a registry of its own. Counters and histograms are of this process, and
 * are summed over all; what is read from the database is the same in each, and `max` is taken of it. No label holds an id,
 * an address or a place.
 */
@Injectable()
export class Metrics {
  readonly registry = new Registry();
  readonly httpDuration = new Histogram({
    name: 'bowwow_http_request_duration_seconds',
    help: 'Requests by route pattern; status is its class, 429 or aborted',
    labelNames: ['method', 'route', 'status'],
    buckets: HTTP_BUCKETS_S,
    registers: [this.registry],
  });
  readonly httpInFlight = new Gauge({
    name: 'bowwow_http_requests_in_flight',
    help: 'Requests that are being answered',
    registers: [this.registry],
  });
  private readonly jobDuration = new Histogram({
    name: 'bowwow_job_duration_seconds',
    help: 'Runs of jobs; outcome is done, retried, or failed for good',
    labelNames: ['job', 'outcome'],
    buckets: JOB_BUCKETS_S,
    registers: [this.registry],
  });
  private readonly providerDuration = new Histogram({
    name: 'bowwow_provider_call_duration_seconds',
    help: 'Calls to providers, their retries included',
    labelNames: ['provider', 'outcome'],
    buckets: PROVIDER_BUCKETS_S,
    registers: [this.registry],
  });
  private readonly events = new Counter({
    name: 'bowwow_events_total',
    help: 'What happened in the product, counted when it is committed',
    labelNames: ['event'],
    registers: [this.registry],
  });
  private readonly collectors: (() => Promise<void> | void)[] = [];

  constructor(
    db: Database,
    queue: Queue,
    http: HttpClient,
    @Inject(COUNTED) counted: Readonly<Record<string, string>>,
  ) {
    collectDefaultMetrics({ register: this.registry });
    for (const event of Object.keys(counted)) this.events.inc({ event }, 0);
    db.onTally = (event, count) => this.events.inc({ event }, count);
    queue.onRun = (job, outcome, seconds) => this.jobDuration.observe({ job, outcome }, seconds);
    http.onCall = (provider, outcome, seconds) =>
      this.providerDuration.observe({ provider, outcome }, seconds);
    this.showPool(db);
    this.showQueues(queue);
    this.showBreakers(http);
  }

  gauge<Label extends string>(name: string, help: string, ...labelNames: Label[]): Gauge<Label> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  counter<Label extends string>(name: string, help: string, ...labelNames: Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  /** Runs before each scrape; what fails or takes too long leaves its gauges as they were cleared. */
  beforeScrape(collect: () => Promise<void> | void): void {
    this.collectors.push(collect);
  }

  /** In Prometheus' text format. */
  async scrape(): Promise<string> {
    const collected = this.collectors.map(async (collect) =>
      within(Promise.resolve(collect()), COLLECT_WITHIN_MS),
    );
    await Promise.allSettled(collected); // that the database is away is said by another gauge
    return this.registry.metrics();
  }

  private showPool({ pool }: Database): void {
    const connections = this.gauge(
      'bowwow_database_connections',
      'Connections of the pool, and callers that wait for one',
      'state',
    );
    this.beforeScrape(() => {
      connections.set({ state: 'total' }, pool?.totalCount ?? 1);
      connections.set({ state: 'idle' }, pool?.idleCount ?? 0);
      connections.set({ state: 'waiting' }, pool?.queuedCount ?? 0);
    });
  }

  private showQueues(queue: Queue): void {
    const waiting = this.gauge('bowwow_jobs_waiting', 'Jobs that are due, of all processes', 'job');
    const oldest = this.gauge(
      'bowwow_jobs_oldest_waiting_seconds',
      'How long the oldest of them has been due',
      'job',
    );
    this.beforeScrape(async () => {
      waiting.reset();
      oldest.reset();
      const found = await queue.backlog();
      for (const job of queue.names) {
        const { count = 0, oldestS = 0 } = found.get(job) ?? {};
        waiting.set({ job }, count);
        oldest.set({ job }, oldestS);
      }
    });
  }

  private showBreakers(http: HttpClient): void {
    const open = this.gauge(
      'bowwow_provider_breaker_open',
      '1 while a provider is left alone after too many failures',
      'provider',
    );
    this.beforeScrape(() => {
      for (const provider of http.providers) open.set({ provider }, http.isLeftAlone(provider) ? 1 : 0);
    });
  }
}
