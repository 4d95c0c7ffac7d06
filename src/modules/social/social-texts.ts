/** What the walker is told. Nothing of a comment's text, which may be edited or hidden by then. */
export const liked = (nickname: string) => ({
  title: { ko: '좋아요', en: 'New like' },
  body: { ko: `${nickname}님이 내 산책을 좋아해요.`, en: `${nickname} likes your walk.` },
});
export const commented = (nickname: string) => ({
  title: { ko: '새 댓글', en: 'New comment' },
  body: { ko: `${nickname}님이 내 산책에 댓글을 남겼어요.`, en: `${nickname} commented on your walk.` },
});
