import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { Clock } from '../clock/clock.js';
import { kstDate } from '../clock/kst.js';
import { Database, statement, type Transaction } from '../database/database.js';
import { HttpClient, OutboundError } from '../outbound/http-client.js';
import { within } from '../within.js';
import { type LoudLine, LogTap } from './log-tap.js';

/** One message of an alarm in this time, from all processes together. */
export const QUIET_MS = 10 * 60_000;
/** For who may speak to be found out; after it the process speaks for itself. */
const CLAIM_WITHIN_MS = 2_500;
const SEND_TIMEOUT_MS = 5_000;
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 60_000;
/** About a quarter of an hour. */
const ATTEMPTS = 20;
/** At the end of the process what was not sent has this long, and then its claims have this long to be given back. */
const FAREWELL_MS = 3_000;
const GIVING_BACK_MS = 1_000;

const lock = statement<{ locked: true }>(
  'alert_lock',
  `select true as locked from pg_advisory_xact_lock(hashtextextended($1::text, 3))`,
);
const takeHeld = statement<{ used: number }>(
  'alert_take_held',
  `delete from daily_quotas where name = $1::text returning used`,
);
const addHeld = statement<never>(
  'alert_add_held',
  `insert into daily_quotas (day, name, used) values ($1::date, $2::text, $3::int)
   on conflict (day, name) do update set used = daily_quotas.used + excluded.used`,
);

interface Alarm {
  /** When this process knows of a message last, its own or another's. */
  toldAtMs: number;
  /** Times that this process was quiet about, and that nobody was told of. */
  held: number;
  /** The last of them. */
  text: string;
}

type Claim = { held: number; toldAtMs: number } | { toldAtMs: number };

/**
 * Tells operators of alarms by Slack: the first at once, and what follows in the next ten minutes as a number in the next
 * message. Processes share that by rows of the schedule and of the day's counts; while the database does not answer,
 * each speaks for itself.
 */
@Injectable()
export class Alerts {
  private readonly log = new Logger(Alerts.name);
  private readonly alarms = new Map<string, Alarm>();
  /** A line may be logged inside a transaction; what follows from it is none of its business. */
  private readonly outside = AsyncLocalStorage.snapshot();
  private readonly stopping = new AbortController();
  private work: Promise<void> = Promise.resolve();
  private sending: Promise<void> = Promise.resolve();

  constructor(
    tap: LogTap,
    private readonly db: Database,
    private readonly http: HttpClient,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    tap.listen((line) => {
      if (line.alarm) this.raise(line.alarm, line);
    });
  }

  /** Never throws, and holds nobody up. */
  raise(alarm: string, { sentence, fields }: Pick<LoudLine, 'sentence' | 'fields'>): void {
    this.say(alarm, `:rotating_light: *${alarm}*: ${sentence}${listOf(fields)}`);
  }

  /** Once, when what was raised is over. */
  recover(alarm: string, sentence: string): void {
    this.say(`${alarm}:over`, `:white_check_mark: *${alarm}* is over: ${sentence}`);
  }

  /** Tells of what was held back, when its time has come. */
  tellHeld(): void {
    for (const [name, alarm] of this.alarms) {
      if (this.clock.nowMs() - alarm.toldAtMs >= QUIET_MS) this.enqueue(() => this.tell(name, alarm));
    }
  }

  /** What was raised by now is claimed and sent, or held back. */
  async settled(): Promise<void> {
    await this.work;
    await this.sending;
  }

  /** What could not be sent by then is left to the next process that has the same to say. */
  async stop(): Promise<void> {
    const settled = this.settled();
    await within(settled, FAREWELL_MS).catch(() => this.stopping.abort());
    await within(settled, GIVING_BACK_MS).catch((error: unknown) =>
      this.log.warn({ err: error }, 'alerts left unsent'),
    );
  }

  private say(name: string, text: string): void {
    if (!this.config.slackWebhookUrl) return;
    const known = this.alarms.get(name);
    const alarm: Alarm = known ?? { toldAtMs: -Infinity, held: 0, text };
    alarm.text = text;
    alarm.held++;
    this.alarms.set(name, alarm);
    if (this.clock.nowMs() - alarm.toldAtMs >= QUIET_MS) this.enqueue(() => this.tell(name, alarm, text));
  }

  private enqueue(work: () => Promise<void>): void {
    this.outside(() => {
      this.work = this.work.then(work).catch((error: unknown) => this.log.warn({ err: error }, 'alert lost'));
    });
  }

  /** @param news what was raised just now */
  private async tell(name: string, alarm: Alarm, news?: string): Promise<void> {
    const nowMs = this.clock.nowMs();
    if (nowMs - alarm.toldAtMs < QUIET_MS) return; // several were raised before the first was claimed
    const { held } = alarm;
    const claim = await this.claim(name, held, nowMs);
    alarm.held -= held;
    alarm.toldAtMs = claim.toldAtMs;
    if (!('held' in claim)) return;
    if (claim.held === 0) {
      if (alarm.held === 0) this.alarms.delete(name); // all of it was told, by whomever
      return;
    }
    const more = news ? claim.held - 1 : claim.held;
    const suffix = more > 0 ? ` (${more} more since the last message)` : '';
    const message = `[${this.config.env}] ${news ?? alarm.text}${suffix}`;
    this.sending = this.sending.then(() => this.send(name, message));
  }

  /** Whether this process is to speak, and how often it happened since the last message. */
  private async claim(name: string, held: number, nowMs: number): Promise<Claim> {
    const claimed = this.db.transaction((tx) => this.claimIn(tx, name, held, nowMs));
    try {
      return await within(claimed, CLAIM_WITHIN_MS);
    } catch (error) {
      this.log.warn({ err: error }, 'an alarm is told without asking the others');
      return { held, toldAtMs: nowMs };
    }
  }

  private async claimIn(tx: Transaction, name: string, held: number, nowMs: number): Promise<Claim> {
    const key = `alarm/${name}`;
    await tx.rows(lock, [key]);
    const last = await tx.prisma.scheduleRun.findFirst({ where: { name: key }, orderBy: { slotAt: 'desc' } });
    if (last && nowMs - last.slotAt.getTime() < QUIET_MS) {
      if (held > 0) await tx.rows(addHeld, [kstDate(new Date(nowMs)), key, held]);
      return { toldAtMs: last.slotAt.getTime() };
    }
    const others = (await tx.rows(takeHeld, [key])).reduce((sum, { used }) => sum + used, 0);
    if (held + others > 0) {
      await tx.prisma.scheduleRun.deleteMany({ where: { name: key } });
      await tx.prisma.scheduleRun.create({ data: { name: key, slotAt: new Date(nowMs) } });
    }
    return { held: held + others, toldAtMs: nowMs };
  }

  private async send(name: string, text: string): Promise<void> {
    const { signal } = this.stopping;
    for (let attempt = 0; attempt < ATTEMPTS && !signal.aborted; attempt++) {
      const outcome = await this.attempt(text);
      if (outcome === 'sent') return;
      if (outcome === 'refused') break;
      const pauseMs = Math.min(FIRST_RETRY_MS * 2 ** attempt, MAX_RETRY_MS);
      await sleep(pauseMs, undefined, { signal }).catch(() => {}); // it stops
    }
    this.log.error({ alert: name }, 'an alert did not get through');
    await this.db.prisma.scheduleRun
      .deleteMany({ where: { name: `alarm/${name}` } })
      .catch((error: unknown) => this.log.warn({ err: error }, 'an alert stays claimed'));
  }

  private async attempt(text: string): Promise<'sent' | 'refused' | 'later'> {
    try {
      const { status } = await this.http.request(
        'slack',
        this.config.slackWebhookUrl!,
        { method: 'POST', json: { text } },
        { timeoutMs: SEND_TIMEOUT_MS },
      );
      if (status >= 300) this.log.error({ status }, 'Slack refuses an alert');
      return status < 300 ? 'sent' : 'refused';
    } catch (error) {
      if (error instanceof OutboundError) return 'later';
      throw error;
    }
  }
}

/** `&`, `<` and `>` are Slack's own. */
function listOf(fields: LoudLine['fields']): string {
  const list = Object.entries(fields)
    .filter(([key]) => key !== 'context')
    .map(([key, value]) => `${key} ${value}`)
    .join(', ');
  return list && ` (${list.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')})`;
}
