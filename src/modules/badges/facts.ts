/** What the rules look at. */
export interface Facts {
  /** The user's counting walks in the order in which they started. */
  walks: readonly CountingWalk[];
  streak: StreakFacts;
  elsewhere: Elsewhere;
}

export interface CountingWalk {
  id: string;
  /** KST date on which it started. */
  walkDate: string;
  /** KST hour in which it started, 0–23. */
  startHour: number;
  completedAt: Date;
  distanceM: number;
  /** 행정동 code (10 digits) of its start; null when it is not known. */
  regionCode: string | null;
  /** Cells of about 300 m in which it spent 3 min or more. */
  cells: readonly number[];
}

export interface StreakFacts {
  /** Days of the streak that runs now. */
  days: number;
  /** `reached[n - 1]`: the KST date on which a streak was n days for the first time. */
  reached: readonly string[];
}

/** What is counted outside of the walks. */
export interface Elsewhere {
  follows: number;
  followers: number;
  likesReceived: number;
  comments: number;
  togethers: number;
  meetupsHosted: number;
  meetupsJoined: number;
  /** Of the counting walks, those that began in rain or in snow. */
  rainWalkIds: readonly string[];
  snowWalkIds: readonly string[];
}

/**
 * No module counts these yet. The social module brings follows, followers, likes and comments; walk-together its
 * walks; meetups theirs; weather (stored with a walk's start) the walks in rain and snow.
 */
export const NOTHING_ELSEWHERE: Elsewhere = {
  follows: 0,
  followers: 0,
  likesReceived: 0,
  comments: 0,
  togethers: 0,
  meetupsHosted: 0,
  meetupsJoined: 0,
  rainWalkIds: [],
  snowWalkIds: [],
};
