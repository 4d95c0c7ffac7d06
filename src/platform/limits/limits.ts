import { SetMetadata } from '@nestjs/common';

export interface Limit {
  /** Requests in a window, which begins with its first request. */
  count: number;
  windowS: number;
  /** Whom they are counted for: whoever the access token is of, or the address the request comes from. */
  per: 'user' | 'address';
}

const MINUTE_S = 60;
const HOUR_S = 3_600;

/**
 * How much one may ask. Addresses are shared by many: a mobile carrier puts thousands of phones behind one, so what an
 * app of a logged-in user asks without an access token has large bounds; its own token guards each of these routes.
 */
export const LIMITS = {
  /** Logins, and linking another login. */
  login: { count: 5, windowS: MINUTE_S, per: 'address' },
  /** Each phone once an hour, and all of a carrier's from few addresses; and the one-time values of logins. */
  refresh: { count: 600, windowS: MINUTE_S, per: 'address' },
  /** Whatever else is asked without a good access token, and what is refused for that. */
  anonymous: { count: 100, windowS: HOUR_S, per: 'address' },
  /** Whatever else is asked with one. */
  user: { count: 1_000, windowS: HOUR_S, per: 'user' },
  /** A walking phone sends a chunk every few seconds; one that was offline for a day catches up at once. */
  points: { count: 3_600, windowS: HOUR_S, per: 'user' },
  /** A hundred photos of a walk, asked for, sent and completed one by one. */
  uploads: { count: 300, windowS: HOUR_S, per: 'user' },
  /** Moderators and admins at their desk: nobody clicks faster, a stolen token would. */
  desk: { count: 60, windowS: MINUTE_S, per: 'user' },
  /** Shared links: a group chat opens one at once, from one carrier's addresses. */
  pages: { count: 600, windowS: MINUTE_S, per: 'address' },
  /** Pictures: a feed shows dozens. */
  files: { count: 3_000, windowS: MINUTE_S, per: 'address' },
  /** Files sent to a signed address, each after a counted `presign`. */
  directUploads: { count: 300, windowS: MINUTE_S, per: 'address' },
  /**
   * Stores and login providers call from a few addresses, in bursts (all renewals of a morning), and give up on us
   * when they are turned away: the bound is far above them, and only keeps a flood from the signature checks.
   */
  callbacks: { count: 6_000, windowS: MINUTE_S, per: 'address' },
  /** Sockets being opened: Socket.IO tries again every 1–5 s without a network. What they send has its own budget. */
  handshakes: { count: 60, windowS: MINUTE_S, per: 'user' },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof LIMITS;

export const LIMITED_AS = Symbol('LIMITED_AS');

/** The route, or all of a controller's, is counted as this; others as `user` or `anonymous`, at the desk as `desk`. */
export const LimitedAs = (name: Exclude<LimitName, 'handshakes'>) => SetMetadata(LIMITED_AS, name);
