export { type LocationUsed, recordLocationUse } from './location-log.js';
export { createUser } from './new-user.js';
export { userNotFound } from './users.errors.js';
export { privacyZonesChanged } from './users.events.js';
export { UsersModule } from './users.module.js';
export { isLocationConsentWithdrawn, lockUser, type Privacy, privacyOf } from './users.queries.js';
