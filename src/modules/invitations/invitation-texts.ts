/** 님 spares the choice of a particle. */
export const invited = (nickname: string) => ({
  title: { ko: '산책 초대', en: 'Walk invitation' },
  body: { ko: `${nickname}님이 함께 산책하재요.`, en: `${nickname} invites you for a walk.` },
});
export const accepted = (nickname: string) => ({
  title: { ko: '초대 수락', en: 'Invitation accepted' },
  body: { ko: `${nickname}님이 산책 초대를 수락했어요.`, en: `${nickname} accepted your invitation.` },
});
