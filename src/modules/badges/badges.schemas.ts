import { z } from 'zod';
import { calendarDate, id, instant } from '../../platform/http/schemas.js';
import { UNITS } from './badge-table.js';

const season = z.object({
  year: z.int().meta({ description: '시즌이 시작한 해' }),
  from: calendarDate,
  until: calendarDate,
  daysLeft: z.int().nullable().meta({ description: '마지막 날까지 남은 날; 아직 시작하지 않았으면 null' }),
});

const badgeProgress = z
  .object({
    code: z.string(),
    category: z.enum(['distance', 'count', 'streak', 'explore', 'social', 'season']),
    name: z.string(),
    description: z.string(),
    unit: z.enum(UNITS),
    target: z.int(),
    value: z.int(),
    progressPercent: z.int().min(0).max(100),
    remaining: z.int().min(0),
    state: z.enum(['locked', 'in_progress', 'earned']),
    earnedAt: instant.nullable(),
    walkIds: z.array(id).meta({ description: '이 뱃지를 받게 한 산책' }),
    season: season.nullable().meta({ description: '지금 또는 다음 시즌; 해마다 새로 받는 뱃지에만 있어요' }),
    earnedYears: z.array(z.int()).meta({ description: '해마다 받는 뱃지를 받은 해' }),
  })
  .meta({ id: 'BadgeProgress' });
export type BadgeProgress = z.output<typeof badgeProgress>;

export const badgeList = z.object({ items: z.array(badgeProgress) }).meta({ id: 'BadgeList' });

export const earnedBadges = z
  .object({
    isPrivate: z.boolean().meta({ description: '비공개 프로필; 팔로워가 아니면 목록이 비어 있어요' }),
    items: z.array(
      z.object({
        code: z.string(),
        name: z.string(),
        year: z.int().nullable().meta({ description: '시즌 뱃지의 해' }),
        earnedOn: calendarDate.meta({ description: '받은 날 (KST)' }),
      }),
    ),
  })
  .meta({ id: 'EarnedBadges' });
export type EarnedBadges = z.output<typeof earnedBadges>;
