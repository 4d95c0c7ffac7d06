import { z } from 'zod';
import { id } from '../../platform/http/schemas.js';
import { person } from '../users/index.js';
import { REASONS } from './recommendation-rules.js';

export const recommendation = z
  .object({
    person,
    score: z.int().min(0).max(100).meta({ description: '얼마나 잘 맞는지, 퍼센트' }),
    reasons: z.array(z.enum(REASONS)).min(1).meta({
      description:
        '추천 이유: 같은 동, 같은 구, 비슷한 산책 시간대, 같은 견종, 비슷한 크기의 개, 비슷한 산책량',
    }),
    pets: z.array(z.object({ id, name: z.string(), breed: z.string().nullable() })),
  })
  .meta({ id: 'Recommendation' });
