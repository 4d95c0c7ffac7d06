import { Inject, Injectable, Logger } from '@nestjs/common';
import { NIL } from 'uuid';
import { CONFIG, type Config } from '../../../../config/config.js';
import { Plan } from '../../../../generated/prisma/enums.js';
import { Clock } from '../../../../platform/clock/clock.js';
import { addDays, kstDate, kstMidnight } from '../../../../platform/clock/kst.js';
import { type Connection, Database, type Transaction } from '../../../../platform/database/database.js';
import { priceKrwOf } from '../../plans.js';
import { chargesToTell, raisedContracts } from './billing.queries.js';
import * as texts from './billing-texts.js';
import { Contracts, type Held } from './contracts.service.js';
import { boundaryFrom } from './periods.js';
import { RAISE_NOTICE_MS, renewalPrice } from './rules.js';
import { Settlements } from './settlements.service.js';

const DAY_MS = 86_400_000;
/** Contracts that are read at once. */
const BATCH = 50;
const FIRST_CHARGE_TOLD_DAYS = 1;
const YEARLY_TOLD_DAYS = 7;
/** Who has not answered is asked again so many days before the renewal. */
const ASKED_DAYS = [1, 7, 30];

/** What is told ahead of a charge. What an outage left out is told the next day; twice is once. */
@Injectable()
export class Announcements {
  private readonly log = new Logger(Announcements.name);

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly contracts: Contracts,
    private readonly settlements: Settlements,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Of first charges the day before (a week before, the trial's start said it), of a year's renewal a week before. */
  async tellCharges(): Promise<void> {
    const now = this.clock.now();
    const endOf = (days: number) => kstMidnight(addDays(kstDate(now), days + 1));
    const until = { now, first: endOf(FIRST_CHARGE_TOLD_DAYS), yearly: endOf(YEARLY_TOLD_DAYS) };
    await this.eachOf(
      (db, after) => chargesToTell(db, until, after, BATCH),
      (tx, held) => this.tellCharge(tx, held),
    );
  }

  /** Of raised prices, at night; and who must say yes within 30 days is asked to. */
  async tellPriceRaises(): Promise<void> {
    for (const plan of Object.values(Plan)) {
      await this.eachOf(
        (db, after) => raisedContracts(db, plan, priceKrwOf(plan, this.config), after, BATCH),
        (tx, held) => this.tellRaise(tx, held),
      );
    }
  }

  private async tellCharge(tx: Transaction, held: Held): Promise<void> {
    const { subscriptionId, nextPeriod, nextAttemptAt } = held.contract;
    const { priceKrw } = await this.contracts.nextPrice(tx, held.contract);
    if (priceKrw === 'not-agreed') return;
    await this.settlements.tell(tx, held, `toss-ahead:${subscriptionId}:${nextPeriod}`, {
      ...texts.chargeAhead(nextAttemptAt!, priceKrw, nextPeriod === 0),
      staleAt: nextAttemptAt!,
    });
  }

  private async tellRaise(tx: Transaction, held: Held): Promise<void> {
    const { subscriptionId, nextPeriod, toldPriceKrw, toldAt } = held.contract;
    const price = await this.contracts.nextPrice(tx, held.contract);
    const { agreedKrw, currentKrw } = price;
    const now = this.clock.now();
    const isTold = toldAt !== null && toldPriceKrw === currentKrw;
    const since = isTold ? toldAt : now;
    const appliesAt = boundaryFrom(held.contract, nextPeriod, new Date(since.getTime() + RAISE_NOTICE_MS));
    const key = `${subscriptionId}:${currentKrw}:${kstDate(appliesAt)}`;
    if (!isTold) {
      await this.contracts.change(tx, held, { toldPriceKrw: currentKrw, toldAt: now }, []);
      await this.settlements.tell(
        tx,
        held,
        `toss-raise:${key}`,
        texts.priceRaised(agreedKrw, currentKrw, appliesAt),
      );
      return;
    }
    const daysLeft = Math.ceil((appliesAt.getTime() - now.getTime()) / DAY_MS);
    const asked = ASKED_DAYS.find((days) => daysLeft <= days);
    if (!asked || renewalPrice({ ...price, dueAt: appliesAt }) !== 'not-agreed') return;
    await this.settlements.tell(tx, held, `toss-raise-asked:${key}:${asked}`, {
      ...texts.priceAsked(currentKrw, appliesAt),
      staleAt: appliesAt,
    });
  }

  /**
   * Page by page in the order of the ids; each contract is a transaction, and one that fails does not keep the others.
   * @throws Error when any failed: to be run again
   */
  private async eachOf(
    pageAfter: (db: Connection, after: string) => Promise<{ subscriptionId: string }[]>,
    tell: (tx: Transaction, held: Held) => Promise<void>,
  ): Promise<void> {
    let failed = 0;
    for (let after: string | undefined = NIL; after;) {
      const page: { subscriptionId: string }[] = await pageAfter(this.db, after);
      for (const { subscriptionId } of page) {
        try {
          await this.db.transaction(async (tx) => {
            const held = await this.contracts.lock(tx, subscriptionId);
            if (held?.row.standing.renews && held.contract.nextAttemptAt) await tell(tx, held);
          });
        } catch (error) {
          failed++;
          this.log.error(
            { alarm: 'toss-not-told', err: error, subscriptionId },
            'a charge was not announced',
          );
        }
      }
      after = page.length === BATCH ? page.at(-1)!.subscriptionId : undefined;
    }
    if (failed > 0) throw new Error(`Not announced: ${failed}`);
  }
}
