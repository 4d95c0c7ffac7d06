import { z } from 'zod';
import { Store, StoreEnvironment } from '../../../generated/prisma/enums.js';
import { pageQuery } from '../../../platform/http/pagination.js';
import { id, instant } from '../../../platform/http/schemas.js';
import { STORE_EVENT_STATES } from './inbox.queries.js';

export const storeEventsQuery = pageQuery.extend({
  state: z.enum(STORE_EVENT_STATES).default('any'),
  store: z.enum(Store).optional(),
});
export type StoreEventsQuery = z.output<typeof storeEventsQuery>;

export const storeEvent = z
  .object({
    id,
    store: z.enum(Store),
    kind: z.string().meta({ description: '스토어가 부르는 이름' }),
    environment: z.enum(StoreEnvironment),
    receivedAt: instant,
    processedAt: instant.nullable(),
    attempts: z.int(),
    lastError: z.string().nullable(),
  })
  .meta({ id: 'StoreEvent' });
