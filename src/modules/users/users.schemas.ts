import { z } from 'zod';
import type { NotificationType } from '../../generated/prisma/enums.js';
import {
  asciiToken,
  calendarDate,
  id,
  instant,
  lat,
  lng,
  safeLine,
  safeText,
} from '../../platform/http/schemas.js';
import { REQUIRED_CONSENTS } from './terms.js';

const nickname = safeLine(1, 20);
const bio = safeText(1, 200).nullable();
const profileVisibility = z.enum(['public', 'private']);

export const mePatch = z.strictObject({ nickname: nickname.optional(), bio: bio.optional() });
export type MePatch = z.output<typeof mePatch>;

export const me = z
  .object({
    id,
    nickname: z.string(),
    bio: z.string().nullable(),
    role: z.enum(['user', 'moderator', 'admin']),
    regionCode: z.string().nullable().meta({ description: '행정동 코드 (10자리)' }),
    profileVisibility,
    providers: z.array(z.enum(['kakao', 'naver', 'apple'])),
    createdAt: instant,
    consentsNeeded: z
      .array(z.enum(REQUIRED_CONSENTS))
      .meta({ description: '아직 동의하지 않았거나, 약관이 바뀌어 다시 물어야 하는 것' }),
    deletionScheduledAt: instant
      .nullable()
      .meta({ description: '탈퇴를 신청했다면 계정이 지워지는 때: 그 전에는 복구할 수 있다' }),
  })
  .meta({ id: 'Me' });
export type Me = z.output<typeof me>;

const settings = {
  profileVisibility,
  defaultWalkVisibility: z.enum(['public', 'followers', 'private']),
  locale: z.enum(['ko', 'en']),
  showInRankings: z.boolean().meta({ description: '랭킹에 내 이름을 보인다' }),
};
const notificationSwitches = {
  walk_reminder: z.boolean(),
  badge_earned: z.boolean(),
  ranking_change: z.boolean(),
  social: z.boolean(),
  companion: z.boolean(),
  season_deadline: z.boolean(),
  subscription: z.boolean(),
} satisfies Record<NotificationType, z.ZodType>;
const notifications = z
  .object(notificationSwitches)
  .meta({ description: '푸시를 받을 알림; 꺼도 알림함에는 남는다' });

export const mySettings = z.object({ ...settings, notifications }).meta({ id: 'MySettings' });
export type MySettings = z.output<typeof mySettings>;

export const mySettingsPatch = z
  .strictObject({ ...settings, notifications: z.strictObject(notificationSwitches).partial() })
  .partial();
export type MySettingsPatch = z.output<typeof mySettingsPatch>;

/** Only the form: which regions there are is known once boundaries were imported. */
export const homeRegion = z.strictObject({
  code: z
    .string()
    .regex(/^[0-9]{10}$/)
    .meta({ description: '행정동 코드 (10자리)', example: '1168064000' }),
});
export type HomeRegion = z.output<typeof homeRegion>;

/** A private profile shows those who do not follow it no more than who it is and how they stand to it. */
export const publicProfile = z
  .object({
    id,
    nickname: z.string(),
    isPrivate: z.boolean(),
    isFollowing: z.boolean(),
    isRequested: z.boolean().meta({ description: '팔로우를 요청하고 기다리는 중' }),
    followsMe: z.boolean(),
    followers: z.int().min(0).optional(),
    following: z.int().min(0).optional(),
    bio: z.string().nullable().optional(),
    regionCode: z
      .string()
      .nullable()
      .optional()
      .meta({ description: '시군구 코드 (행정동 코드의 앞 5자리)' }),
    createdAt: calendarDate.optional().meta({ description: '가입일 (KST)' }),
  })
  .meta({ id: 'PublicProfile' });
export type PublicProfile = z.output<typeof publicProfile>;

/** Somebody, as lists and other things name them. */
export const person = z.object({ id, nickname: z.string() }).meta({ id: 'Person' });

const zone = { name: safeLine(1, 30), lat, lng, radiusM: z.int().min(100).max(1_000) };

export const privacyZoneIn = z.strictObject(zone);
export type PrivacyZoneIn = z.output<typeof privacyZoneIn>;

export const privacyZone = z
  .object({ id, ...zone, name: z.string(), createdAt: instant })
  .meta({ id: 'PrivacyZone' });

const consentTerms = {
  kind: z.enum(['terms', 'privacy', 'location', 'marketing']),
  version: asciiToken(20).meta({ description: '화면에 보여 준 약관의 버전', example: '2026-11-01' }),
  granted: z.boolean(),
};
export const consentIn = z.strictObject(consentTerms);
export type ConsentIn = z.output<typeof consentIn>;

export const consent = z.object({ id, ...consentTerms, at: instant }).meta({ id: 'Consent' });

export const locationUse = z
  .object({
    id,
    purpose: z
      .enum(['walk_recording', 'walk_route_view', 'walk_together', 'walk_share'])
      .meta({ description: 'walk_share: 누구나 볼 수 있는 링크를 만들었다' }),
    providedTo: id.nullable().meta({ description: '제공받은 사용자의 id; 서비스가 직접 이용했으면 null' }),
    at: instant,
  })
  .meta({ id: 'LocationUse' });
