export { expireInvitations } from './invitations.jobs.js';
export { InvitationsModule } from './invitations.module.js';
export { Invitations } from './invitations.service.js';
