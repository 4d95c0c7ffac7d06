import type { ReportTarget } from '../../generated/prisma/enums.js';

const THINGS: Record<ReportTarget, { ko: string; en: string }> = {
  user: { ko: '프로필', en: 'profile' },
  walk: { ko: '산책', en: 'walk' },
  comment: { ko: '댓글', en: 'comment' },
  meetup: { ko: '모임', en: 'meetup' },
  photo: { ko: '사진', en: 'photo' },
};

/** Says neither who reported nor when. */
export const warning = (kind: ReportTarget) => ({
  title: { ko: '이용 안내', en: 'A word from the moderators' },
  body: {
    ko: `내 ${THINGS[kind].ko}에 이용 원칙과 맞지 않는 내용이 있어요. 되풀이되면 이용이 제한될 수 있어요.`,
    en: `Something about your ${THINGS[kind].en} is against our rules. If it goes on, your account may be suspended.`,
  },
});
