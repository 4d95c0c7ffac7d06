import { v7 } from 'uuid';

/** A UUIDv7: the id of a walk, made on the phone, or an Idempotency-Key. */
export const newId = (): string => v7();

/** The header of a request that must happen once. Make it once for what the user did, and send the same at each try. */
export const once = (key: string = newId()) => ({ 'Idempotency-Key': key });
