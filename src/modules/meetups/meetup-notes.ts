import { type Change, CHANGES } from './meetup-rules.js';

/** Under which a participant or the host was told: by these a note is taken back. */
export const keys = {
  joined: (meetupId: string, userId: string) => `meetup-joined:${meetupId}:${userId}`,
  left: (meetupId: string, userId: string) => `meetup-left:${meetupId}:${userId}`,
  changed: (meetupId: string, change: Change) => `meetup-changed:${meetupId}:${change}`,
  cancelled: (meetupId: string) => `meetup-cancelled:${meetupId}`,
  withdrawn: (meetupId: string) => `meetup-withdrawn:${meetupId}`,
};

/** All that guests may have been told of changes. */
export const changedKeys = (meetupId: string): string[] =>
  CHANGES.map((change) => keys.changed(meetupId, change));

const CHANGED: Record<Change, { ko: string; en: string }> = {
  title: { ko: '이름이', en: 'title' },
  time: { ko: '시간이', en: 'time' },
  place: { ko: '장소가', en: 'place' },
  limits: { ko: '참가 조건이', en: 'limits' },
};

/** 님 and 모임 spare the choice of a particle. */
export const texts = {
  joined: (nickname: string, title: string) => ({
    title: { ko: '모임에 한 명이 더 와요', en: 'Someone joins your meetup' },
    body: { ko: `${nickname}님이 ‘${title}’ 모임에 와요.`, en: `${nickname} joins “${title}”.` },
  }),
  left: (nickname: string, title: string) => ({
    title: { ko: '모임에 한 명이 빠졌어요', en: 'Someone left your meetup' },
    body: { ko: `${nickname}님이 ‘${title}’ 모임에 못 와요.`, en: `${nickname} left “${title}”.` },
  }),
  changed: (title: string, change: Change) => ({
    title: { ko: '모임이 바뀌었어요', en: 'A meetup has changed' },
    body: {
      ko: `‘${title}’ 모임의 ${CHANGED[change].ko} 바뀌었어요.`,
      en: `The ${CHANGED[change].en} of “${title}” changed.`,
    },
  }),
  cancelled: (title: string) => ({
    title: { ko: '모임이 취소되었어요', en: 'A meetup is cancelled' },
    body: { ko: `‘${title}’ 모임이 취소되었어요.`, en: `“${title}” is cancelled.` },
  }),
  /** A hidden title is not said again. */
  withdrawn: {
    title: { ko: '모임이 열리지 않아요', en: 'A meetup does not take place' },
    body: { ko: '참가한 모임이 열리지 않게 되었어요.', en: 'A meetup you joined does not take place.' },
  },
};
