export { grantRole, writeDown } from './audit.js';
export { ModerationModule } from './moderation.module.js';
