import { defineFact } from '../../platform/queue/job.js';

/** The account at the provider that somebody logged in with is gone, and there was no other: nobody can come back. */
export const lastLoginGone = defineFact<{ userId: string }>('last-login-gone');
