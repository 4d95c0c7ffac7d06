import { defineFact } from '../../platform/queue/job.js';

/** What others may see of this user's walks has changed: everything made under an older revision is stale. */
export const privacyZonesChanged = defineFact<{ userId: string }>('privacy-zones-changed');

/** A private profile became public: whoever asked to follow needs no answer any more. */
export const profileOpened = defineFact<{ userId: string }>('profile-opened');
