import type { Store, StoreEnvironment } from '../../../generated/prisma/enums.js';
import { type Connection, statement } from '../../../platform/database/database.js';
import type { Position } from '../../../platform/http/pagination.js';

export interface StoreEventRow {
  id: string;
  store: Store;
  kind: string;
  environment: StoreEnvironment;
  receivedAt: Date;
  processedAt: Date | null;
  attempts: number;
  lastError: string | null;
}

/** Failing: tried in vain so far. */
const STATES = {
  waiting: 'processed_at is null and last_error is null',
  failing: 'processed_at is null and last_error is not null',
  processed: 'processed_at is not null',
  any: 'true',
};
export type StoreEventState = keyof typeof STATES;
export const STORE_EVENT_STATES = Object.keys(STATES) as StoreEventState[];

const pages = Object.fromEntries(
  Object.entries(STATES).map(([state, condition]) => [
    state,
    statement<StoreEventRow>(
      `payments_store_events_${state}`,
      `select id, store::text as store, kind, environment::text as environment, received_at as "receivedAt",
         processed_at as "processedAt", attempts, last_error as "lastError"
       from store_events
       where ${condition} and ($1::text is null or store::text = $1::text)
         and ($2::timestamptz is null or (received_at, id) < ($2::timestamptz, $3::uuid))
       order by received_at desc, id desc
       limit $4::int`,
    ),
  ]),
);

/** Without their bodies, the newest first. */
export const storeEventsPage = (
  db: Connection,
  {
    state,
    store,
    after,
    count,
  }: { state: StoreEventState; store: Store | null; after: Position | null; count: number },
): Promise<StoreEventRow[]> =>
  db.rows(pages[state]!, [store, after?.at.toISOString() ?? null, after?.id ?? null, count]);

const stuck = statement<StuckEvents>(
  'payments_stuck_store_events',
  `select store::text as store, count(*)::int as events, count(*) filter (where last_error is not null)::int as failing,
     min(received_at) as "oldestAt"
   from store_events where processed_at is null and received_at < $1::timestamptz
   group by store order by store`,
);

export interface StuckEvents {
  store: Store;
  events: number;
  failing: number;
  oldestAt: Date;
}

/** What came in before that instant and is not processed. */
export const stuckStoreEvents = (db: Connection, receivedBefore: Date): Promise<StuckEvents[]> =>
  db.rows(stuck, [receivedBefore.toISOString()]);
