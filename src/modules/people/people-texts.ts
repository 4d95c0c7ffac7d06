/** What the inbox says about people; honorific 님 spares the particle's choice. */
export const followed = (nickname: string) => ({
  title: { ko: '새 팔로워', en: 'New follower' },
  body: { ko: `${nickname}님이 나를 팔로우해요.`, en: `${nickname} follows you.` },
});
export const requested = (nickname: string) => ({
  title: { ko: '팔로우 요청', en: 'Follow request' },
  body: { ko: `${nickname}님이 팔로우를 요청했어요.`, en: `${nickname} asks to follow you.` },
});
export const approved = (nickname: string) => ({
  title: { ko: '팔로우 요청 수락', en: 'Request approved' },
  body: { ko: `${nickname}님이 팔로우 요청을 수락했어요.`, en: `${nickname} approved your request.` },
});
