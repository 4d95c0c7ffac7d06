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

/** What is counted outside of the walks. Of others, only those count who exist for the user. */
export interface Elsewhere {
  follows: number;
  followers: number;
  /** By others, of walks that were not deleted. */
  likesReceived: number;
  /** Under walks of others; hidden ones do not count. */
  comments: number;
  /** Rooms that ended, in which the user and somebody else let the others see them. */
  togethers: number;
  /** Meetups that began with two people or more. */
  meetupsHosted: number;
  meetupsJoined: number;
  /** Of the counting walks, those that began in rain or in snow. */
  rainWalkIds: readonly string[];
  snowWalkIds: readonly string[];
}

export type AmongPeople = Omit<Elsewhere, 'rainWalkIds' | 'snowWalkIds'>;
