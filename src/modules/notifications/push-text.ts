/** Bounds of what a phone shows; FCM takes 4 kB for everything. */
const MAX_TITLE_CHARACTERS = 80;
const MAX_BODY_CHARACTERS = 240;

export interface PushText {
  title: string;
  body: string;
}

type Locale = 'ko' | 'en';

/** The text of one push about some notes, oldest first: one as it is, a group by its newest, a night as a list of titles. */
export function pushText(
  notes: readonly PushText[],
  { overnight, locale }: { overnight: boolean; locale: Locale },
): PushText {
  const newest = notes.at(-1)!;
  const others = notes.length - 1;
  if (overnight) {
    return {
      title: locale === 'en' ? `${notes.length} notifications overnight` : `밤사이 알림 ${notes.length}개`,
      body: shortened([...new Set(notes.map(({ title }) => title))].join(' · '), MAX_BODY_CHARACTERS),
    };
  }
  const more = others === 0 ? '' : locale === 'en' ? ` and ${others} more` : ` 외 ${others}건`;
  return {
    title: shortened(newest.title, MAX_TITLE_CHARACTERS - more.length) + more,
    body: shortened(newest.body, MAX_BODY_CHARACTERS),
  };
}

/** By code points, so that no emoji is cut in two. */
function shortened(text: string, maxCharacters: number): string {
  const characters = [...text];
  return characters.length <= maxCharacters ? text : `${characters.slice(0, maxCharacters - 1).join('')}…`;
}
