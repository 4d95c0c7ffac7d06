import { z } from 'zod';
import { calendarDate } from '../../platform/http/schemas.js';

export const streakView = z
  .object({
    days: z.int().meta({
      description: '오늘까지 이어진 산책 일수. 오늘 산책이 없어도 하루가 끝나기 전에는 끊기지 않아요',
    }),
    since: calendarDate.nullable(),
    walkedToday: z.boolean(),
    bestDays: z.int(),
    bestFrom: calendarDate.nullable(),
    bestTo: calendarDate.nullable(),
    shieldedDates: z
      .array(calendarDate)
      .meta({ description: '보호권으로 이어진 날 (일수에는 들어가지 않아요)' }),
    shieldsLeft: z.int().meta({ description: '오늘을 지켜 줄 수 있는 보호권' }),
  })
  .meta({ id: 'Streak' });
