import type { Database } from '../../platform/database/database.js';
import { statement } from '../../platform/database/database.js';

export interface Retention {
  data: string;
  /** `table.column`: where something that identifies somebody may still be found after the account was erased. */
  columns: readonly string[];
  why: string;
  keptFor: string;
  /** Deletes what is older; $1 is now. Absent: something else does, or what is left identifies nobody. */
  delete?: readonly string[];
}

const MONEY_OVER = `select s.id from subscriptions s
  where s.user_id is null and s.created_at < $1::timestamptz - interval '5 years'
    and not exists (select from ledger_entries e where e.subscription_id = s.id and e.at >= $1::timestamptz - interval '5 years')
    and not exists (select from subscription_changes c where c.subscription_id = s.id and c.at >= $1::timestamptz - interval '5 years')
    and not exists (select from charge_consents c where c.subscription_id = s.id and c.at >= $1::timestamptz - interval '5 years')`;

const ofMoneyOver = (table: string) => `delete from ${table} where subscription_id in (${MONEY_OVER})`;

/** All that outlives an account, and what keeps the rest short. A person has to check the articles before the launch. */
export const RETENTION: readonly Retention[] = [
  {
    data: 'record of location use and provision',
    columns: ['location_uses.user_id', 'location_uses.provided_to'],
    why: '위치정보법 제16조 제2항',
    keptFor: '6 months from each event, of living accounts as well',
    delete: [`delete from location_uses where at < $1::timestamptz - interval '6 months'`],
  },
  {
    data: 'subscriptions, payments, refunds, consents to charges: without the user, found by the numbers of the store',
    columns: [],
    why: '전자상거래법 시행령 제6조',
    keptFor: '5 years from the last of it',
    // In the order of the foreign keys; what the first ones delete no longer keeps the last one.
    delete: [
      ...['subscription_facts', 'subscription_changes', 'toss_orders', 'toss_contracts'].map(ofMoneyOver),
      ofMoneyOver('ledger_entries'),
      ofMoneyOver('charge_consents'),
      `delete from subscriptions where id in (${MONEY_OVER})`,
      `delete from billing_methods m where user_id is null and deleted_at_toss_at < $1::timestamptz - interval '5 years'
         and not exists (select from toss_contracts where billing_method_id = m.id)
         and not exists (select from toss_orders where billing_method_id = m.id)`,
    ],
  },
  {
    data: 'webhooks of the stores, sealed',
    columns: [],
    why: 'stores answer for a year and a bit: purgeStoreEvents',
    keptFor: '400 days',
  },
  {
    data: 'use of a free trial, as a keyed hash of the account at the provider and of the card',
    columns: [],
    why: 'a trial is given once (DOMAIN.md, Accounts)',
    keptFor: '5 years',
    delete: [`delete from trial_uses where used_at < $1::timestamptz - interval '5 years'`],
  },
  {
    data: 'reports, as evidence in a dispute; open ones until they are settled',
    columns: [
      'reports.reporter_id',
      'reports.target_id',
      'reports.target_user_id',
      'reports.snapshot',
      'reports.note',
    ],
    why: '전자상거래법 시행령 제6조 (소비자 불만·분쟁)',
    keptFor: '3 years after they were settled',
    delete: [`delete from reports where settled_at < $1::timestamptz - interval '3 years'`],
  },
  {
    data: 'files of a reported photo',
    columns: ['file_deletions.kept_for', 'file_deletions.storage_key'],
    why: 'evidence for the report; the key is random',
    keptFor: '30 days, or until the report is settled',
  },
  {
    data: 'acts of moderators',
    columns: ['audit_log.actor_id', 'audit_log.target_id', 'audit_log.reason'],
    why: 'disputes; 개인정보의 안전성 확보조치 기준 제8조',
    keptFor: '3 years',
    delete: [`delete from audit_log where at < $1::timestamptz - interval '3 years'`],
  },
  {
    data: 'consent to marketing, and that it was taken back',
    columns: ['consents.user_id'],
    why: '정보통신망법 제50조; 전자상거래법 시행령 제6조 (표시·광고)',
    keptFor: '6 months after it was taken back, at the latest by the erasure',
    delete: [
      `delete from consents c where at < $1::timestamptz - interval '6 months'
         and not exists (select from users where id = c.user_id)
         and not exists (
           select from consents later where later.user_id = c.user_id and later.at >= $1::timestamptz - interval '6 months'
         )`,
    ],
  },
  {
    data: 'callbacks of the login providers, which may be repeated for days; those of an erased account go with it',
    columns: ['provider_events.subject', 'provider_events.body'],
    why: 'a repetition must be told from something new',
    keptFor: '30 days',
    delete: [
      `delete from provider_events where processed_at is not null and received_at < $1::timestamptz - interval '30 days'`,
    ],
  },
  {
    data: 'that an account was erased, without whose it was',
    columns: [],
    why: '표준 개인정보 보호지침 제55조 (파기 기록)',
    keptFor: '3 years',
    delete: [`delete from erasures where finished_at < $1::timestamptz - interval '3 years'`],
  },
];
// There is no log of accesses: sessions have no addresses, and go with the account or 30 days after they expired.

const allowed = statement<{ on: string }>(
  'accounts_age_out',
  `select set_config('withbowwow.aged_out', 'on', true) as "on"`,
);

const overdue = RETENTION.flatMap(({ delete: all = [] }) => all).map((sql, i) =>
  statement<never>(`accounts_delete_aged_${i}`, sql),
);
const TIMEOUT_MS = 300_000;

/** Everything in one transaction: of what hangs together nothing is left half. */
export async function deleteAged(db: Database, now: Date): Promise<void> {
  await db.transaction(
    async (tx) => {
      await tx.rows(allowed, []);
      for (const one of overdue) await tx.rows(one, [now.toISOString()]);
    },
    { timeoutMs: TIMEOUT_MS },
  );
}
