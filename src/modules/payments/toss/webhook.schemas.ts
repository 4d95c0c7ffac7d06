import { z } from 'zod';

/** Of any shape: what we do not know is answered as well, or it would come again. */
export const tossEvent = z.record(z.string(), z.unknown()).meta({ id: 'TossEvent' });
