export { deletionScheduledAt, isBeingErased, RESTORABLE_MS, setRole, setSuspended } from './account-state.js';
export { type LocationUsed, recordLocationUse, recordLocationUses } from './location-log.js';
export { createUser } from './new-user.js';
export { withSidoOfToday } from './region-code-rules.js';
export { codeOfTodaySql, moveHomeRegions, regionCodeMover } from './region-codes.sql.js';
export { accountBeingErased, userNotFound } from './users.errors.js';
export { locationConsentWithdrawn, privacyZonesChanged, profileOpened } from './users.events.js';
export { UsersModule } from './users.module.js';
export {
  holdProfile,
  hasLocationConsent,
  lockPair,
  lockUser,
  nicknameOf,
  type Privacy,
  privacyAsJson,
  type PrivacyAsJson,
  privacyFrom,
  privacyOf,
  userThereFor,
} from './users.queries.js';
export { person } from './users.schemas.js';
export {
  blockedWith,
  isBlockedPair,
  isFollowedBy,
  isOpenTo,
  isShown,
  isThere,
  isThereFor,
  isWalkShownTo,
  isWalkVisibleTo,
} from './visibility.sql.js';
