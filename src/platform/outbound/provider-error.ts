/** What went wrong means for the caller. */
export type ProviderFault =
  /** There is no such data (yet): an earlier slot may have it. */
  | 'no-data'
  /** Nothing more today, or not so fast. */
  | 'quota'
  /** Down, slow or not itself: later. */
  | 'unavailable'
  /** Our key, address or question is wrong: a person has to look. */
  | 'refused';

/** The code of our own count being at its end. */
export const OURS_USED_UP = 'ours';

/** The day's calls are used up; a 429 without it, or with that of the second, only says "slower". */
export const DAY_IS_OVER = ['22', 'LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR'];

/** A provider of data gave none. */
export class ProviderError extends Error {
  constructor(
    readonly provider: string,
    readonly fault: ProviderFault,
    /** As the provider says it; never holds the key. */
    readonly code: string,
  ) {
    super(`${provider}: ${fault} (${code})`);
    this.name = 'ProviderError';
  }

  /** Nothing more until midnight in Korea. */
  get isForToday(): boolean {
    return this.code === OURS_USED_UP || DAY_IS_OVER.includes(this.code);
  }

  /** The provider was not asked at all. */
  get isUnsent(): boolean {
    return this.code === OURS_USED_UP || this.code === 'circuit-open';
  }
}
