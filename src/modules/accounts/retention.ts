import { type Database, type Statement, statement } from '../../platform/database/database.js';

export interface Retention {
  data: string;
  /** `table.column`: where something that identifies somebody may still be found after the account was erased. */
  columns: readonly string[];
  why: string;
  keptFor: string;
  /**
   * Deletes some of what is older, in one transaction; $1 is now. Again and again, until there is nothing. Absent:
   * something else does, or what is left identifies nobody.
   */
  delete?: readonly string[];
}

/** So many rows at a time. */
const BATCH = 5_000;

const aged = (table: string, condition: string) =>
  `delete from ${table} where ctid = any (array(select one.ctid from ${table} one where ${condition} limit ${BATCH}))`;

const MONEY_OVER = `select s.id from subscriptions s
  where s.user_id is null and s.created_at < $1::timestamptz - interval '5 years'
    and not exists (select from ledger_entries e where e.subscription_id = s.id and e.at >= $1::timestamptz - interval '5 years')
    and not exists (select from subscription_changes c where c.subscription_id = s.id and c.at >= $1::timestamptz - interval '5 years')
    and not exists (select from charge_consents c where c.subscription_id = s.id and c.at >= $1::timestamptz - interval '5 years')
  order by s.id limit 200`;

const ofMoneyOver = (table: string) => `delete from ${table} where subscription_id in (${MONEY_OVER})`;

/** All that outlives an account, and what keeps the rest short. A person has to check the articles before the launch. */
export const RETENTION: readonly Retention[] = [
  {
    data: 'record of location use and provision',
    columns: ['location_uses.user_id', 'location_uses.provided_to'],
    why: '위치정보법 제16조 제2항',
    keptFor: '6 months from each event, of living accounts as well',
    delete: [aged('location_uses', `at < $1::timestamptz - interval '6 months'`)],
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
      aged(
        'billing_methods',
        `user_id is null and deleted_at_toss_at < $1::timestamptz - interval '5 years'
         and not exists (select from toss_contracts where billing_method_id = one.id)
         and not exists (select from toss_orders where billing_method_id = one.id)`,
      ),
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
    delete: [aged('trial_uses', `used_at < $1::timestamptz - interval '5 years'`)],
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
    delete: [aged('reports', `settled_at < $1::timestamptz - interval '3 years'`)],
  },
  {
    data: 'files of a reported photo',
    columns: ['file_deletions.kept_for', 'file_deletions.storage_key'],
    why: 'evidence for the report; the key is random',
    keptFor: '30 days, or until the report is settled',
  },
  {
    data: 'acts of moderators, and which account they looked at (`view_account`), with the id of that user',
    columns: ['audit_log.actor_id', 'audit_log.target_id', 'audit_log.reason'],
    why: 'disputes; 개인정보의 안전성 확보조치 기준 제8조 (접속기록: 누구의 정보를 처리했는지)',
    keptFor: '3 years',
    delete: [aged('audit_log', `at < $1::timestamptz - interval '3 years'`)],
  },
  {
    data: 'consent to marketing, and that it was taken back',
    columns: ['consents.user_id'],
    why: '정보통신망법 제50조; 전자상거래법 시행령 제6조 (표시·광고)',
    keptFor: '6 months after it was taken back, at the latest by the erasure',
    delete: [
      aged(
        'consents',
        `at < $1::timestamptz - interval '6 months'
         and not exists (select from users where id = one.user_id)
         and not exists (
           select from consents later
           where later.user_id = one.user_id and later.at >= $1::timestamptz - interval '6 months'
         )`,
      ),
    ],
  },
  {
    data: 'callbacks of the login providers, which may be repeated for days; those of an erased account go with it',
    columns: ['provider_events.subject', 'provider_events.body'],
    why: 'a repetition must be told from something new',
    keptFor: '30 days',
    delete: [
      aged(
        'provider_events',
        `processed_at is not null and received_at < $1::timestamptz - interval '30 days'`,
      ),
    ],
  },
  {
    data: 'what a login provider that was away still has to be told of an erased account, sealed',
    columns: [],
    why: 'the link at the provider is the last of the account; 개인정보 보호법 제21조',
    keptFor: 'until it is told, at most 34 days: 3 days of the erasure and 30 nights, by `Erasures`',
    delete: [
      `update erasures set owed_sealed = null
       where owed_sealed is not null and begun_at < $1::timestamptz - interval '34 days'`,
    ],
  },
  {
    data: 'that an account was erased, without whose it was',
    columns: [],
    why: '표준 개인정보 보호지침 제55조 (파기 기록)',
    keptFor: '3 years',
    delete: [aged('erasures', `finished_at < $1::timestamptz - interval '3 years'`)],
  },
];
// There is no log of accesses: sessions have no addresses, and go with the account or 30 days after they expired.

const allowed = statement<{ on: string }>(
  'accounts_age_out',
  `select set_config('withbowwow.aged_out', 'on', true) as "on"`,
);

const overdue = RETENTION.flatMap(({ data, delete: all }, group) => {
  const steps = all?.map((sql, i) =>
    statement<{ count: number }>(
      `accounts_delete_aged_${group}_${i}`,
      `with gone as (${sql} returning 1) select count(*)::int as count from gone`,
    ),
  );
  return steps ? [{ data, steps }] : [];
});
const TIMEOUT_MS = 60_000;

/** Whose turn fails does not keep the others. @throws the first failure */
export async function deleteAged(db: Database, now: Date): Promise<void> {
  const failures: unknown[] = [];
  for (const { data, steps } of overdue) {
    try {
      while ((await deleteSome(db, steps, now)) > 0);
    } catch (error) {
      failures.push(new Error(`Not aged out: ${data}`, { cause: error }));
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** Of what hangs together nothing is left half: all steps mean the same rows. */
function deleteSome(db: Database, steps: Statement<{ count: number }>[], now: Date): Promise<number> {
  return db.transaction(
    async (tx) => {
      await tx.rows(allowed, []);
      let deleted = 0;
      for (const step of steps) deleted += (await tx.rows(step, [now.toISOString()]))[0]!.count;
      return deleted;
    },
    { timeoutMs: TIMEOUT_MS, isolation: 'RepeatableRead' },
  );
}
