import { v7 as uuidv7 } from 'uuid';
import { REQUIRED_CONSENTS, VERSION_IN_FORCE } from '../../src/modules/users/terms.js';

/** What the app asks everybody for, and sends, after the first login. */
export const SIGN_UP_CONSENTS = REQUIRED_CONSENTS.map((kind) => ({
  kind,
  version: VERSION_IN_FORCE[kind],
  granted: true,
}));

/** The same as rows, a moment before `now`: whatever a test has somebody say then is newer. */
export const consentRows = (userId: string, now: Date) =>
  SIGN_UP_CONSENTS.map((consent) => ({
    ...consent,
    ...{ id: uuidv7(), userId, at: new Date(now.getTime() - 1) },
  }));
