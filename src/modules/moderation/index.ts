export { grantRole } from './audit.js';
export { ModerationModule } from './moderation.module.js';
