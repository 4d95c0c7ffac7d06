import type {
  AuditTarget,
  ModerationAction,
  ReportReason,
  ReportState,
  ReportTarget,
  UserRole,
} from '../../generated/prisma/enums.js';
import { type Connection, statement, type Transaction } from '../../platform/database/database.js';
import type { Position } from '../../platform/http/pagination.js';
import type { Account, ReportedContent } from './moderation.schemas.js';

const insertReport = statement<never>(
  'moderation_insert_report',
  `insert into reports (id, reporter_id, target_kind, target_id, target_user_id, reason, note, snapshot, created_at)
   values ($1::uuid, $2::uuid, $3::report_target, $4::uuid, $5::uuid, $6::report_reason, $7::text, $8::jsonb, $9::timestamptz)
   on conflict (reporter_id, target_kind, target_id) where state = 'open' do nothing`,
);

export interface NewReport {
  id: string;
  reporterId: string;
  targetKind: ReportTarget;
  targetId: string;
  targetUserId: string;
  reason: ReportReason;
  note: string | null;
  snapshot: ReportedContent;
  createdAt: Date;
}

/** Keeps the first that is still open, also of two at once. */
export async function addReport(tx: Transaction, report: NewReport): Promise<void> {
  await tx.rows(insertReport, [
    report.id,
    report.reporterId,
    report.targetKind,
    report.targetId,
    report.targetUserId,
    report.reason,
    report.note,
    JSON.stringify(report.snapshot),
    report.createdAt.toISOString(),
  ]);
}

/** $1 role of the moderator, who deals with people below it only: not with equals, hence not with themselves. */
const reports = (where: string) => `
  select r.id, r.target_kind::text as "targetKind", r.target_id as "targetId", r.target_user_id as "targetUserId",
         r.reason::text as reason, r.note, r.snapshot::json as snapshot, r.state::text as state,
         r.created_at as "createdAt", r.settled_at as "settledAt",
         (
           select count(distinct other.reporter_id)::int from reports other
           where other.target_user_id = r.target_user_id and other.target_kind = r.target_kind
             and other.target_id = r.target_id
         ) as reporters,
         case when owner.id is not null then json_build_object(
           'id', owner.id, 'nickname', owner.nickname, 'role', owner.role,
           'isSuspended', owner.suspended_at is not null, 'isLeaving', owner.deletion_requested_at is not null
         ) end as owner
  from reports r left join users owner on owner.id = r.target_user_id
  where coalesce(owner.role < $1::user_role, true) and ${where}`;

const queue = statement<ReportRow>(
  'moderation_queue',
  `${reports(`r.state = $2::report_state
     and ($3::timestamptz is null or (r.created_at, r.id) > ($3::timestamptz, $4::uuid))`)}
   order by r.created_at, r.id
   limit $5::int`,
);
const one = statement<ReportRow>('moderation_report', reports('r.id = $2::uuid'));

export interface ReportRow {
  id: string;
  targetKind: ReportTarget;
  targetId: string;
  targetUserId: string;
  reason: ReportReason;
  note: string | null;
  snapshot: ReportedContent;
  state: ReportState;
  createdAt: Date;
  settledAt: Date | null;
  reporters: number;
  owner: {
    id: string;
    nickname: string;
    role: UserRole;
    isSuspended: boolean;
    isLeaving: boolean;
  } | null;
}

/** A page of the reports that somebody of this role deals with, the oldest first. */
export const reportsFor = (
  db: Connection,
  role: UserRole,
  state: ReportState,
  after: Position | null,
  count: number,
): Promise<ReportRow[]> =>
  db.rows(queue, [role, state, after?.at.toISOString() ?? null, after?.id ?? null, count]);

export async function findReportFor(db: Connection, role: UserRole, id: string): Promise<ReportRow | null> {
  return (await db.rows(one, [role, id]))[0] ?? null;
}

/** One statement for each way to ask, so that each has the index it needs. A beginning is a range of code points. */
const WAYS = {
  any: '$1::text is null',
  id: 'u.id = $1::uuid',
  nickname: `lower(u.nickname) collate "C" >= lower($1::text)
     and lower(u.nickname) collate "C" <= lower($1::text) || U&'\\+10FFFF'`,
};
const accountsBy = (way: keyof typeof WAYS) =>
  statement<Account>(
    `moderation_accounts_by_${way}`,
    `select u.id, u.nickname, u.role::text as role, u.created_at as "createdAt", u.suspended_at as "suspendedAt",
          u.deletion_requested_at is not null as "isLeaving",
          (select count(*)::int from reports where target_user_id = u.id and state = 'open') as "openReports"
   from users u
   where ${WAYS[way]}
     and (not $2::boolean or u.suspended_at is not null) and ($3::uuid is null or u.id > $3::uuid)
   order by u.id
   limit $4::int`,
  );
const accounts = { any: accountsBy('any'), id: accountsBy('id'), nickname: accountsBy('nickname') };

export interface AccountsAsked {
  /** The beginning of a nickname, or an id. */
  q: string | null;
  by: keyof typeof WAYS;
  suspendedOnly: boolean;
  afterId: string | null;
  count: number;
}

/** For moderators, who see everybody, in the order in which they came. */
export const findAccounts = (db: Connection, asked: AccountsAsked): Promise<Account[]> =>
  db.rows(accounts[asked.by], [asked.q, asked.suspendedOnly, asked.afterId, asked.count]);

const reportsAbout = statement<{ state: ReportState; reports: number }>(
  'moderation_reports_about',
  `select state::text as state, count(*)::int as reports from reports where target_user_id = $1::uuid group by state`,
);

/** How many reports there ever were about somebody, or something of theirs, by what became of them. */
export async function countReportsAbout(db: Connection, userId: string) {
  const rows = await db.rows(reportsAbout, [userId]);
  const of = (state: ReportState) => rows.find((row) => row.state === state)?.reports ?? 0;
  return { open: of('open'), actioned: of('actioned'), dismissed: of('dismissed') };
}

/** $1, $2: the position after which; $3: how many. */
const auditEntries = (
  where = 'true',
) => `select entry.id, entry.actor_id as "actorId", actor.nickname as "actorNickname", entry.action::text as action,
          entry.target_kind::text as "targetKind", entry.target_id as "targetId", entry.report_id as "reportId",
          entry.reason, entry.at
   from audit_log entry left join users actor on actor.id = entry.actor_id
   where ($1::timestamptz is null or (entry.at, entry.id) < ($1::timestamptz, $2::uuid)) and ${where}
   order by entry.at desc, entry.id desc
   limit $3::int`;
const audit = statement<AuditRow>('moderation_audit_log', auditEntries());
const auditAbout = statement<AuditRow>(
  'moderation_audit_log_about',
  auditEntries(`entry.target_id = $4::uuid and entry.action <> 'view_account'`),
);

export interface AuditRow {
  id: string;
  actorId: string | null;
  actorNickname: string | null;
  action: ModerationAction;
  targetKind: AuditTarget;
  targetId: string;
  reportId: string | null;
  reason: string;
  at: Date;
}

export const auditPage = (db: Connection, after: Position | null, count: number): Promise<AuditRow[]> =>
  db.rows(audit, [after?.at.toISOString() ?? null, after?.id ?? null, count]);

/** The latest acts about one account; who looked at it is no act about it. */
export const auditAboutUser = (db: Connection, userId: string, count: number): Promise<AuditRow[]> =>
  db.rows(auditAbout, [null, null, count, userId]);
