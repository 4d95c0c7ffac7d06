import { EventEmitter } from 'node:events';
import { LiveSocket, type TogetherSocket } from './live-socket.js';

/** A connection whose reader takes something only when it is told to. */
function slowReader() {
  const transport = Object.assign(new EventEmitter(), { writable: true });
  const sent: unknown[] = [];
  const socket = {
    conn: { transport, close: () => sent.push('cut') },
    emit: (_event: string, content: unknown) => {
      sent.push(content);
      transport.writable = false;
    },
  };
  const takeOne = () => {
    transport.writable = true;
    transport.emit('ready');
  };
  return { live: new LiveSocket(socket as unknown as TogetherSocket), sent, takeOne };
}

const positionOf = (userId: string, lat: number) => ({ userId, lat, lng: 127, serverAt: '' });

it('keeps the newest position of each member for a reader who does not keep up, and nothing else (L05)', () => {
  const { live, sent, takeOne } = slowReader();
  for (let i = 0; i < 10_000; i++) for (const member of ['a', 'b', 'c']) live.show(positionOf(member, i));
  expect(sent).toEqual([positionOf('a', 0)]);
  for (let i = 0; i < 10; i++) takeOne();
  expect(sent.slice(1)).toEqual(expect.arrayContaining(['a', 'b', 'c'].map((of) => positionOf(of, 9_999))));
  expect(sent).toHaveLength(4);
});

it('sends nothing of a member who was hidden while it waited', () => {
  const { live, sent, takeOne } = slowReader();
  for (const member of ['a', 'b', 'c']) live.show(positionOf(member, 1));
  live.hide('b');
  for (let i = 0; i < 3; i++) takeOne();
  expect(sent).toEqual([positionOf('a', 1), positionOf('c', 1)]);
});

it('is slow when a hundred events wait, until it takes them', () => {
  const { live, takeOne } = slowReader();
  for (let i = 0; i < 101; i++) live.tell('member', { roomId: 'r', userId: 'a', status: 'live' });
  expect(live.isSlow).toBe(false);
  live.tell('member', { roomId: 'r', userId: 'a', status: 'live' });
  expect(live.isSlow).toBe(true);
  takeOne();
  expect(live.isSlow).toBe(false);
});

it('hears so many messages in a second, and of unknown names none', () => {
  const { live } = slowReader();
  expect(live.spend('error', 0)).toBe('over');
  for (let i = 0; i < 99; i++) expect(live.spend('position', 0)).toBe('granted');
  expect(live.spend('position', 999)).toBe('over');
  for (let i = 0; i < 10; i++) expect(live.spend('join', 999)).toBe(i < 9 ? 'over' : 'far-over');
  expect(live.spend('join', 1_000)).toBe('granted');
});
