import { setTimeout as wait } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import { moved, SEOUL_FOREST } from '../test/builders/tracks.js';
import type { Neighbours } from './neighbours.js';
import type { Phone } from './phone.js';
import { until } from './until.js';

const POSITIONS = 3;
const SECOND_MS = 1_000;
const ANSWER_TIMEOUT_MS = 15_000;
const REASONS: Record<string, string> = {
  same_dong: '같은 동',
  same_gu: '같은 구',
  same_hours: '비슷한 산책 시간',
  same_breed: '같은 견종',
  same_size: '비슷한 크기',
  similar_activity: '비슷한 산책량',
};

interface FeedItem {
  id: string;
  person: { nickname: string };
  isFollowing: boolean;
  distanceM: number;
  pets: { name: string }[];
}
interface Suggestion {
  person: { nickname: string };
  score: number;
  reasons: string[];
}

export interface Friends {
  feed: { nickname: string; isFollowing: boolean; distanceM: number }[];
  /** The best of them, with the reasons. */
  recommendations: { nickname: string; score: number; reasons: string[] }[];
  together: { positionsSeen: number };
}

/** The neighbours: whose walks there are, who likes mine, who would fit, and two who see each other live. */
export async function meetTheNeighbours(
  phone: Phone,
  {
    url,
    neighbours,
    walkId,
    makeRecommendations,
    say,
  }: {
    url: string;
    neighbours: Neighbours;
    /** A public walk of the phone's owner. */
    walkId: string;
    makeRecommendations: () => Promise<void>;
    say: (line: string) => void;
  },
): Promise<Friends> {
  const [kong, latte] = [neighbours.get('콩이네')!, neighbours.get('라떼언니')!];

  await phone.call('POST', `/follows/${kong.id}`);
  const feed = (await phone.call<{ items: FeedItem[] }>('GET', '/feed')).items;
  say(`\n🏘️ 콩이네를 팔로우했더니, 피드에 이웃의 산책이 ${feed.length}개예요.`);
  for (const { person, pets, distanceM, isFollowing } of feed.slice(0, 3))
    say(
      `   ${person.nickname} · ${pets.map(({ name }) => name).join(', ')} · ${(distanceM / 1000).toFixed(1)} km${isFollowing ? ' · 팔로우 중' : ''}`,
    );

  await kong.phone.call('POST', `/likes/${walkId}`);
  await kong.phone.call('POST', '/comments', { walkId, body: '보리 산책길 예쁘네요! 다음엔 같이 걸어요 🐾' });
  const { items: comments } = await phone.call<{ items: { person: { nickname: string }; body: string }[] }>(
    'GET',
    `/comments?walkId=${walkId}`,
  );
  const { likes } = await phone.call<{ likes: number }>('GET', `/likes/${walkId}`);
  say(`💬 내 산책에 좋아요 ${likes}개, 댓글 “${comments[0]!.body}” (${comments[0]!.person.nickname})`);

  await makeRecommendations();
  const { items: suggested } = await until(
    () => phone.call<{ items: Suggestion[] }>('GET', '/recommendations'),
    ({ items }) => items.length > 0,
  );
  const recommendations = suggested
    .slice(0, 3)
    .map(({ person: { nickname }, score, reasons }) => ({ nickname, score, reasons }));
  for (const { nickname, score, reasons } of recommendations)
    say(
      `🤝 추천 친구 ${nickname} ${score}% (${reasons.map((reason) => REASONS[reason] ?? reason).join(', ')})`,
    );

  const { id: invitationId } = await phone.call<{ id: string }>('POST', '/invitations', {
    userId: latte.id,
    message: '지금 서울숲 한 바퀴 어때요?',
  });
  const { roomId } = await latte.phone.call<{ roomId: string }>('PATCH', `/invitations/${invitationId}`, {
    action: 'accept',
  });
  say('💌 라떼언니가 산책 초대를 수락했어요.');
  const positionsSeen = await walkTogether(url, { roomId, me: phone, other: latte.phone });
  say(`📍 함께 걷는 동안 라떼언니의 위치를 실시간으로 ${positionsSeen}번 보았어요.`);
  await latte.phone.call('DELETE', `/rooms/${roomId}/membership`);
  const log = await phone.call<{ items: { purpose: string }[] }>('GET', '/users/me/location-log');
  say(
    `🧾 위치 제공 사실 기록: ${log.items.filter(({ purpose }) => purpose === 'walk_together').length}건 (좌표 없음)`,
  );

  return {
    feed: feed.map(({ person: { nickname }, isFollowing, distanceM }) => ({
      nickname,
      isFollowing,
      distanceM,
    })),
    recommendations,
    together: { positionsSeen },
  };
}

/** Two phones on real sockets; one walks, the other watches. @returns how many of its positions arrived */
async function walkTogether(
  url: string,
  { roomId, me, other }: { roomId: string; me: Phone; other: Phone },
): Promise<number> {
  const [mine, theirs] = [connect(url, me), connect(url, other)];
  try {
    for (const socket of [mine, theirs]) {
      const joined = heard(socket, 'joined');
      socket.emit('join', { roomId, consent: true });
      await joined;
    }
    let seen = 0;
    for (let step = 0; step < POSITIONS; step++) {
      if (step > 0) await wait(SECOND_MS);
      const arrived = heard(mine, 'position');
      mine.emit('position', SEOUL_FOREST);
      theirs.emit('position', moved(SEOUL_FOREST, 300 + 5 * step, 400));
      await arrived;
      seen++;
    }
    return seen;
  } finally {
    mine.disconnect();
    theirs.disconnect();
  }
}

const connect = (url: string, { token }: Phone): Socket =>
  io(`${url}/walk-together`, { auth: { token }, transports: ['websocket'], reconnection: false });

/** @throws Error with what came instead */
function heard(socket: Socket, event: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`No ${event} came`)), ANSWER_TIMEOUT_MS);
    const settle = (finish: () => void) => {
      clearTimeout(timer);
      finish();
    };
    socket.once(event, (data: unknown) => settle(() => resolve(data)));
    for (const failure of ['error', 'connect_error', 'disconnect'])
      socket.once(failure, (why: unknown) =>
        settle(() => reject(new Error(`${failure}: ${JSON.stringify(why)}`))),
      );
  });
}
