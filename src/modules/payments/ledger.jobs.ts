import { Injectable, Logger } from '@nestjs/common';
import { NIL } from 'uuid';
import { Database } from '../../platform/database/database.js';
import { defineJob, Handles } from '../../platform/queue/job.js';
import type { Slot } from '../../platform/queue/schedule.js';
import { lastSubscriptionOfPage, ledgerDifferences } from './ledger.queries.js';

const PAGE = 1_000;
const PAGE_TIMEOUT_MS = 120_000;

export const checkLedger = defineJob<Slot>('payments.check-ledger', { expireInS: 3_600, retryLimit: 2 });

@Injectable()
export class LedgerCheck {
  private readonly log = new Logger(LedgerCheck.name);

  constructor(private readonly db: Database) {}

  /** Nothing is repaired here: the ledger only grows, and what is missing in it is added by learning the facts again. */
  @Handles(checkLedger)
  async check(): Promise<void> {
    let found = 0;
    let after: string = NIL;
    for (;;) {
      const from = after;
      const last = await lastSubscriptionOfPage(this.db, from, PAGE);
      if (last === undefined) break;
      const differences = await this.db.transaction((tx) => ledgerDifferences(tx, from, last), {
        timeoutMs: PAGE_TIMEOUT_MS,
      });
      for (const difference of differences)
        this.log.error({ alarm: 'ledger-differs', ...difference }, 'the ledger does not say what was paid');
      found += differences.length;
      after = last;
    }
    this.log.log({ differences: found }, 'ledger compared with the facts');
  }
}
