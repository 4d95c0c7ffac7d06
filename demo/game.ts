import type { Phone } from './phone.js';
import { until } from './until.js';

const PROGRESS_SHOWN = 3;
const SCOPES = { dong: '우리 동', gu: '우리 구', nation: '전국' } as const;
type Scope = keyof typeof SCOPES;

interface Badge {
  code: string;
  name: string;
  unit: string;
  state: 'locked' | 'in_progress' | 'earned';
  progressPercent: number;
  remaining: number;
}

interface Board {
  shown: boolean;
  members: number | null;
  takenAt: string | null;
  me: { rank: number | null; value: number };
}

interface Inbox {
  unreadCount: number;
  items: { type: string; title: string; body: string }[];
}

export interface Game {
  badges: string[];
  streakDays: number;
  rank: Record<Scope, number | null>;
  notifications: { type: string; title: string }[];
}

/** What a walk is followed by: badges, the streak, the boards, and what the phone tells about them. */
export async function seeTheGame(
  phone: Phone,
  {
    refreshRankings,
    pushedTitles,
    say,
  }: {
    refreshRankings: () => Promise<void>;
    pushedTitles: () => string[];
    say: (line: string) => void;
  },
): Promise<Game> {
  const { items } = await until(
    () => phone.call<{ items: Badge[] }>('GET', '/badges'),
    ({ items }) => items.some(({ code, state }) => code === 'streak_3' && state === 'earned'),
  );
  const earned = items.filter(({ state }) => state === 'earned');
  say(`\n🏅 뱃지 ${earned.length}개를 받았어요: ${earned.map(({ name }) => name).join(', ')}`);
  const next = items
    .filter(({ state }) => state === 'in_progress')
    .sort((a, b) => b.progressPercent - a.progressPercent);
  for (const { name, progressPercent, remaining, unit } of next.slice(0, PROGRESS_SHOWN)) {
    const bar = '■'.repeat(Math.floor(progressPercent / 10)).padEnd(10, '□');
    say(`   ${bar} ${progressPercent}% ${name} (${amount(remaining, unit)} 남음)`);
  }

  const streak = await phone.call<{ days: number }>('GET', '/users/me/streak');
  say(`🔥 ${streak.days}일 연속으로 산책했어요.`);

  const askedAt = Date.now();
  await refreshRankings();
  const rank = {} as Record<Scope, number | null>;
  for (const scope of Object.keys(SCOPES) as Scope[]) {
    const board = await until(
      () => phone.call<Board>('GET', `/rankings?period=all&scope=${scope}`),
      ({ takenAt }) => takenAt !== null && Date.parse(takenAt) >= askedAt,
    );
    rank[scope] = board.me.rank;
    say(
      board.shown
        ? `🏆 ${SCOPES[scope]} ${board.members}명 중 ${board.me.rank}위 (${(board.me.value / 1000).toFixed(2)} km)`
        : `🏆 ${SCOPES[scope]} 랭킹은 이웃이 더 모이면 열려요.`,
    );
  }

  const inbox = await phone.call<Inbox>('GET', '/notifications');
  say(`🔔 알림 ${inbox.items.length}개 (안 읽음 ${inbox.unreadCount}개)`);
  for (const { title, body } of inbox.items.slice(0, PROGRESS_SHOWN)) say(`   ${title} — ${body}`);
  const pushed = isQuiet(new Date())
    ? pushedTitles()
    : await until(
        async () => pushedTitles(),
        (titles) => titles.length > 0,
      );
  say(
    pushed.length > 0
      ? `📳 휴대폰이 ${pushed.length}번 울렸어요: ${pushed.join(' / ')}`
      : '🌙 지금은 조용한 시간(21–08시)이라 푸시는 아침에 모아서 보내요.',
  );
  return {
    badges: earned.map(({ code }) => code),
    streakDays: streak.days,
    rank,
    notifications: inbox.items.map(({ type, title }) => ({ type, title })),
  };
}

const COUNTERS: Record<string, string> = { walks: '번', days: '일', places: '곳', people: '명' };

function amount(remaining: number, unit: string): string {
  return unit === 'm' ? `${(remaining / 1000).toFixed(1)} km` : `${remaining}${COUNTERS[unit] ?? '개'}`;
}

function isQuiet(now: Date): boolean {
  const hour = (now.getUTCHours() + 9) % 24;
  return hour >= 21 || hour < 8;
}
