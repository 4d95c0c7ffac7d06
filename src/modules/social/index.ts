export { Comments } from './comments.service.js';
export { walkCommented, walkLiked } from './social.events.js';
export { SocialModule } from './social.module.js';
export { findComment } from './social.queries.js';
