export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        join: {
            /** Format: uuid */
            roomId: string;
            /** @constant */
            consent: true;
        };
        position: {
            /** @description Latitude, degrees (WGS84) */
            lat: number;
            /** @description Longitude, degrees (WGS84) */
            lng: number;
            accuracyM?: number;
            headingDeg?: number;
            speedMps?: number;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2026-11-21T08:30:00.000Z
             */
            t?: string & (unknown & unknown);
        };
        leave: {
            /** Format: uuid */
            roomId: string;
        };
        "on.joined": {
            /** Format: uuid */
            roomId: string;
            /** Format: date-time */
            closesAt: string;
            members: {
                /** Format: uuid */
                userId: string;
                nickname: string;
                /** @enum {string} */
                status: "live" | "stale";
                position: {
                    /** Format: uuid */
                    userId: string;
                    /** @description Latitude, degrees (WGS84) */
                    lat: number;
                    /** @description Longitude, degrees (WGS84) */
                    lng: number;
                    accuracyM?: number;
                    headingDeg?: number;
                    speedMps?: number;
                    /**
                     * Format: date-time
                     * @description ISO 8601, UTC
                     * @example 2026-11-21T08:30:00.000Z
                     */
                    t?: string & (unknown & unknown);
                    /** Format: date-time */
                    serverAt: string;
                } | null;
            }[];
        };
        "on.position": {
            /** Format: uuid */
            userId: string;
            /** @description Latitude, degrees (WGS84) */
            lat: number;
            /** @description Longitude, degrees (WGS84) */
            lng: number;
            accuracyM?: number;
            headingDeg?: number;
            speedMps?: number;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2026-11-21T08:30:00.000Z
             */
            t?: string & (unknown & unknown);
            /** Format: date-time */
            serverAt: string;
        };
        "on.member": {
            /** Format: uuid */
            roomId: string;
            /** Format: uuid */
            userId: string;
            /** @enum {string} */
            status: "joined" | "live" | "stale" | "left" | "removed";
            nickname?: string;
        };
        "on.ended": {
            /** Format: uuid */
            roomId: string;
            /** @enum {string} */
            reason: "ended" | "expired" | "left" | "removed" | "silent";
        };
        "on.error": {
            code: string;
            message: string;
            event?: string;
            errors?: {
                path: string;
                code: string;
                message: string;
            }[];
            /** Format: date-time */
            opensAt?: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;

export type ProblemCode =
  | 'account-being-erased'
  | 'account-leaving'
  | 'account-suspended'
  | 'action-does-not-fit'
  | 'already-joined'
  | 'already-subscribed'
  | 'amount-mismatch'
  | 'bad-request'
  | 'billing-key-refused'
  | 'callback-refused'
  | 'capacity-below-participants'
  | 'card-needed'
  | 'comment-not-found'
  | 'consent-outdated'
  | 'customer-mismatch'
  | 'export-running'
  | 'file-not-found'
  | 'follow-limit'
  | 'follow-request-not-found'
  | 'forbidden'
  | 'gpx-rejected'
  | 'health-record-not-found'
  | 'heic-not-supported'
  | 'home-region-needed'
  | 'host-cannot-leave'
  | 'idempotency-key-reused'
  | 'identity-already-linked'
  | 'image-broken'
  | 'image-too-large'
  | 'image-type-not-supported'
  | 'invitation-expired'
  | 'invitation-not-allowed'
  | 'invitation-not-found'
  | 'invitation-pending'
  | 'invitation-settled'
  | 'invited-too-often'
  | 'job-not-found'
  | 'location-consent-needed'
  | 'login-for-another-app'
  | 'login-rejected'
  | 'managed-by-store'
  | 'meetup-closed'
  | 'meetup-full'
  | 'meetup-not-found'
  | 'no-consent-asked'
  | 'no-region-here'
  | 'not-refundable'
  | 'not-renewing'
  | 'not-resumable'
  | 'not-with-yourself'
  | 'not-your-own-walk'
  | 'notification-not-found'
  | 'order-not-found'
  | 'order-settled'
  | 'outside-korea'
  | 'participation-not-found'
  | 'payload-too-large'
  | 'payment-declined'
  | 'payment-pending'
  | 'payment-refused'
  | 'pet-does-not-fit'
  | 'pet-not-found'
  | 'photo-not-found'
  | 'place-search-unavailable'
  | 'premium-required'
  | 'price-changed'
  | 'privacy-zone-limit'
  | 'privacy-zone-not-found'
  | 'provider-not-configured'
  | 'provider-unavailable'
  | 'purchase-of-another-account'
  | 'purchase-refused'
  | 'rate-limited'
  | 'raw-points-gone'
  | 'refresh-token-invalid'
  | 'refresh-token-reused'
  | 'refund-pending'
  | 'refund-refused'
  | 'region-quota-used-up'
  | 'region-unavailable'
  | 'region-unknown'
  | 'report-not-found'
  | 'report-settled'
  | 'report-target-not-found'
  | 'request-in-flight'
  | 'room-not-found'
  | 'search-quota-used-up'
  | 'security-event-refused'
  | 'service-unavailable'
  | 'session-not-found'
  | 'share-not-found'
  | 'storage-unavailable'
  | 'subscription-not-found'
  | 'too-many-invitations'
  | 'too-many-meetups'
  | 'too-many-orders'
  | 'too-many-photos'
  | 'too-many-places'
  | 'too-many-points'
  | 'too-many-shares'
  | 'too-many-uploads'
  | 'transferred-recently'
  | 'trial-used'
  | 'unauthorized'
  | 'unsupported-media-type'
  | 'upload-differs'
  | 'upload-not-found'
  | 'upload-not-received'
  | 'user-not-found'
  | 'validation-failed'
  | 'walk-already-open'
  | 'walk-closed'
  | 'walk-deleted'
  | 'walk-id-taken'
  | 'walk-not-completed'
  | 'walk-not-found'
  | 'walk-not-shareable'
  | 'weather-unavailable'
  | 'webhook-not-found'
  | 'webhook-refused';
