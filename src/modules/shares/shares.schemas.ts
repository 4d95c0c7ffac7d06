import { z } from 'zod';
import { id, instant } from '../../platform/http/schemas.js';
import { THEME_NAMES } from './card/themes.js';

const theme = z
  .enum(THEME_NAMES)
  .default('milk')
  .meta({ description: 'milk, night는 누구나; 나머지는 프리미엄' });

export const cardQuery = z.strictObject({ theme });
export type CardQuery = z.output<typeof cardQuery>;

export const shareIn = z.strictObject({ theme, expiresInDays: z.int().min(1).max(90).default(30) });
export type ShareIn = z.output<typeof shareIn>;

export const shareMade = z
  .object({
    id,
    url: z.string().meta({
      description: '전체 주소 (PUBLIC_URL, 없으면 요청받은 곳). 다시 볼 수 없어요; 잃어버리면 새로 만든다',
    }),
    expiresAt: instant,
  })
  .meta({ id: 'ShareMade' });

export const share = z
  .object({
    id,
    theme: z.string(),
    createdAt: instant,
    expiresAt: instant,
    revokedAt: instant.nullable(),
  })
  .meta({ id: 'Share' });

/** Whatever stands there: all that opens nothing is answered alike. */
export const linkToken = z.string();
