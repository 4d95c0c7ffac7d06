import { z } from 'zod';
import { instant } from '../../platform/http/schemas.js';

export const leaveIn = z.strictObject({
  confirm: z.literal(true).meta({ description: '사용자가 탈퇴를 확인했다' }),
});

export const leaving = z
  .object({
    deletionScheduledAt: instant.meta({ description: '이때 지워진다: 그 전에 로그인해서 복구할 수 있다' }),
    storeSubscriptions: z
      .array(
        z.object({
          store: z.enum(['apple', 'google']),
          accessUntil: instant.nullable(),
          manageUrl: z.string(),
        }),
      )
      .meta({ description: '스토어에서 직접 해지해야 하는 구독: 우리가 해지할 수 없고 계속 결제된다' }),
  })
  .meta({ id: 'Leaving' });
export type Leaving = z.input<typeof leaving>;
