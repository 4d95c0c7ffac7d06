import { z } from 'zod';
import {
  AuditTarget,
  ModerationAction,
  PhotoKind,
  Plan,
  Provider,
  ReportReason,
  ReportState,
  ReportTarget,
  Store,
  SubscriptionState,
} from '../../generated/prisma/enums.js';
import { pageQuery } from '../../platform/http/pagination.js';
import { asciiToken, calendarDate, id, instant, safeLine, safeText } from '../../platform/http/schemas.js';

const targetKind = z.enum(ReportTarget);
const reason = z.enum(ReportReason);
const state = z.enum(ReportState);
const MAX_WORDS = 1_000;
const role = z.enum(['user', 'moderator', 'admin']);

export const reportIn = z.strictObject({
  targetKind,
  targetId: id,
  reason,
  note: safeText(1, MAX_WORDS).optional().meta({ description: '운영자가 읽는다' }),
});
export type ReportIn = z.output<typeof reportIn>;

export const reportView = z
  .object({ id, targetKind, targetId: id, reason, note: z.string().nullable(), createdAt: instant })
  .meta({ id: 'Report' });

/** As others see it, in JSON already: no route, no position, figures rounded. */
export const reportedContent = z
  .object({
    nickname: z.string(),
    bio: z.string().nullable().optional(),
    walkId: id.optional().meta({ description: '댓글이나 사진이 달린 산책' }),
    photoKind: z.enum(PhotoKind).optional(),
    title: z.string().nullable().optional(),
    body: z.string().optional(),
    description: z.string().nullable().optional(),
    walkDate: calendarDate.optional(),
    distanceM: z.int().optional(),
    movingS: z.int().optional(),
    petNames: z.array(z.string()).optional(),
    placeName: z.string().optional(),
    startsAt: z.iso.datetime().optional(),
    capacity: z.int().optional(),
  })
  .meta({ id: 'ReportedContent' });
export type ReportedContent = z.output<typeof reportedContent>;

export const reportsQuery = pageQuery.extend({ state: state.default('open') });
export type ReportsQuery = z.output<typeof reportsQuery>;

export const moderatedReport = z
  .object({
    ...reportView.shape,
    state,
    settledAt: instant.nullable(),
    reporters: z
      .int()
      .meta({ description: '이 대상을 신고한 사람의 수; 누구인지는 아무에게도 보이지 않는다' }),
    owner: z
      .object({ id, nickname: z.string(), role, isSuspended: z.boolean(), isLeaving: z.boolean() })
      .nullable()
      .meta({ description: '신고된 것의 주인; 탈퇴가 끝났으면 null' }),
    snapshot: reportedContent.meta({ description: '신고한 때의 내용' }),
    present: z
      .object({
        content: reportedContent.nullable().meta({ description: '지금의 내용; 지워졌으면 null' }),
        isEdited: z.boolean(),
        isDeleted: z.boolean(),
        isHidden: z.boolean(),
        photoUrl: z.string().nullable().meta({ description: '신고된 사진; 운영자에게 몇 시간 동안 열린다' }),
      })
      .meta({ id: 'PresentContent' }),
  })
  .meta({ id: 'ModeratedReport' });
export type ModeratedReport = z.input<typeof moderatedReport>;

export const reportActionIn = z.strictObject({
  action: z.enum(['dismiss', 'hide', 'unhide', 'warn', 'suspend']),
  reason: safeText(1, MAX_WORDS),
});
export type ReportActionIn = z.output<typeof reportActionIn>;

export const accountsQuery = pageQuery.extend({
  q: safeLine(1, 40).optional().meta({ description: '닉네임의 앞부분, 또는 id' }),
  suspended: z
    .enum(['true', 'false'])
    .default('false')
    .transform((only) => only === 'true')
    .meta({ description: '정지된 사용자만' }),
});
export type AccountsQuery = z.output<typeof accountsQuery>;

export const account = z
  .object({
    id,
    nickname: z.string(),
    role,
    createdAt: instant,
    suspendedAt: instant.nullable(),
    isLeaving: z.boolean(),
    openReports: z.int(),
  })
  .meta({ id: 'Account' });
export type Account = z.output<typeof account>;

export const suspensionIn = z.strictObject({ suspended: z.boolean(), reason: safeText(1, MAX_WORDS) });
export type SuspensionIn = z.output<typeof suspensionIn>;

export const auditEntry = z
  .object({
    id,
    actorId: id.nullable().meta({ description: '운영자; null이면 서버의 명령줄' }),
    actorNickname: z.string().nullable(),
    action: z.enum(ModerationAction),
    targetKind: z.enum(AuditTarget),
    targetId: id.meta({ description: '작업이면 큐에 넣은 작업의 id' }),
    reportId: id.nullable(),
    reason: z.string(),
    at: instant,
  })
  .meta({ id: 'AuditEntry' });

export const accountView = z
  .object({
    ...account.shape,
    providers: z.array(z.enum(Provider)).meta({ description: '연결된 로그인' }),
    lastSeenAt: instant.nullable().meta({ description: '마지막 로그인이나 토큰 갱신' }),
    premiumUntil: instant.nullable(),
    subscriptions: z.array(
      z.object({
        store: z.enum(Store),
        plan: z.enum(Plan).nullable(),
        state: z.enum(SubscriptionState),
        renews: z.boolean(),
        accessUntil: instant.nullable(),
      }),
    ),
    reports: z
      .object({ open: z.int(), actioned: z.int(), dismissed: z.int() })
      .meta({ description: '이 사람이나 그의 것에 대한 신고의 수' }),
    history: z.array(auditEntry).meta({ description: '이 계정에 한 조치 (최신순, 20개까지)' }),
  })
  .meta({ id: 'AccountView' });
export type AccountView = z.input<typeof accountView>;

export const jobName = asciiToken(100).meta({ description: 'GET /admin/jobs의 name' });

export const scheduledJob = z
  .object({
    name: z.string(),
    cron: z.string().meta({ description: '분 시 일 월 요일, 한국 시각' }),
    lastSlotAt: instant.nullable().meta({ description: '마지막으로 큐에 넣은 때의 예정 시각' }),
    nextSlotAt: instant,
    lastDoneAt: instant.nullable().meta({ description: '마지막으로 끝난 때' }),
    waiting: z.int().meta({ description: '차례나 재시도를 기다리는 수' }),
    running: z.int(),
    failed: z.int().meta({ description: '더 시도하지 않는 수' }),
  })
  .meta({ id: 'ScheduledJob' });

export const jobRun = z
  .object({
    name: z.string(),
    jobId: id,
    slotAt: instant.meta({ description: '이 실행이 맡은 예정 시각' }),
    isNew: z.boolean().meta({ description: 'false면 이미 기다리거나 실행 중인 작업이다' }),
  })
  .meta({ id: 'JobRun' });
export type JobRun = z.input<typeof jobRun>;
