import { defineFact } from '../../platform/queue/job.js';

/** What others may see of this user's walks has changed: everything made under an older revision is stale. */
export const privacyZonesChanged = defineFact<{ userId: string }>('privacy-zones-changed');

/** The consent to the use of location was taken back: what was collected under it goes (위치정보법 제24조). */
export const locationConsentWithdrawn = defineFact<{ userId: string }>('location-consent-withdrawn');

/** A private profile became public: whoever asked to follow needs no answer any more. */
export const profileOpened = defineFact<{ userId: string }>('profile-opened');
