import { setTimeout as passed } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { seededRandom, streetWalk } from '../builders/tracks.js';
import { chunked, wirePoints } from '../builders/wire.js';
import type { Answer, Fleet } from './fleet.js';

const HOUR_MS = 3_600_000;
const CHUNKS = 3;
const THINKING_MS = 60;
const MEETUPS_EACH = 3;
export const SEATS = 3;

/** Somebody with a dog, a token and a phone. */
export interface Walker {
  id: string;
  token: string;
  petId: string;
  device: string;
}

/** What was answered with 2xx: it has to be there at the end, once. */
export class Acknowledged {
  readonly walks: { id: string; title: string; points: number }[] = [];
  readonly likes = new Set<string>();
  readonly follows = new Set<string>();
  readonly comments: { id: string; body: string }[] = [];
  readonly meetups: { id: string; title: string }[] = [];
  readonly joins = new Set<string>();
}

/** People who walk, like, follow, comment and meet, for as long as they are let. */
export class Walkers {
  readonly acknowledged = new Acknowledged();
  private isOver = false;
  private living: Promise<void>[] = [];

  constructor(
    private readonly fleet: Fleet,
    private readonly all: readonly Walker[],
    private readonly nowMs: () => number,
    private readonly seed: number,
  ) {}

  begin(): void {
    this.living = this.all.map((walker, i) => this.live(walker, seededRandom(this.seed + i), i));
    for (const life of this.living) life.catch(() => {}); // `end` says it
  }

  /** What was begun is brought to its end. @throws for an answer that nobody should get */
  async end(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.living);
  }

  private async live(walker: Walker, random: () => number, number: number): Promise<void> {
    const some = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
    let outings = 0;
    let hosted = 0;
    const acts = [
      () => this.outing(walker, number, ++outings),
      () => this.like(walker, some(this.acknowledged.walks)),
      () => this.comment(walker, some(this.acknowledged.walks)),
      () => this.follow(walker, some(this.all)!),
      () => (hosted < MEETUPS_EACH ? this.host(walker, ++hosted) : this.look(walker)),
      () => this.join(walker, some(this.acknowledged.meetups)),
      () => this.look(walker),
    ];
    while (!this.isOver) {
      await some(acts)!();
      await passed(THINKING_MS * random());
    }
  }

  private async outing(walker: Walker, number: number, outing: number): Promise<void> {
    const startMs = this.nowMs() - (2 + outing) * HOUR_MS;
    const points = wirePoints(
      streetWalk({ startMs, km: 0.6, noiseM: 4, seed: this.seed + 1_000 * number + outing }),
    );
    const title = `산책 ${number}-${outing}`;
    const start = {
      petIds: [walker.petId],
      startedAt: points[0]!.t,
      visibility: 'public',
      title,
    };
    const { id } = await this.told(walker, 'POST', '/walks', start, uuidv7());
    for (const some of chunked(points, Math.ceil(points.length / CHUNKS)))
      await this.told(walker, 'POST', `/walks/${id}/points`, { points: some });
    const done = { pointCount: points.length };
    const { state } = await this.told(walker, 'POST', `/walks/${id}/complete`, done);
    if (state !== 'completed') throw new Error(`Completed, and ${state}`);
    this.acknowledged.walks.push({ id: id as string, title, points: points.length });
  }

  private async like(walker: Walker, walk?: { id: string }): Promise<void> {
    if (!walk) return;
    const { status } = await this.ask(walker, 'POST', `/likes/${walk.id}`, undefined, undefined, [
      'not-your-own-walk',
    ]);
    if (status < 300) this.acknowledged.likes.add(`${walk.id} ${walker.id}`);
  }

  private async comment(walker: Walker, walk?: { id: string }): Promise<void> {
    if (!walk) return;
    const body = `잘 걸었어요 ${uuidv7()}`;
    const { id } = await this.told(walker, 'POST', '/comments', { walkId: walk.id, body }, uuidv7());
    this.acknowledged.comments.push({ id: id as string, body });
  }

  private async follow(walker: Walker, other: Walker): Promise<void> {
    const { status } = await this.ask(walker, 'POST', `/follows/${other.id}`, undefined, undefined, [
      'not-with-yourself',
    ]);
    if (status < 300) this.acknowledged.follows.add(`${walker.id} ${other.id}`);
  }

  private async host(walker: Walker, number: number): Promise<void> {
    const title = `모임 ${number} ${walker.id.slice(-12)}`;
    const meetup = {
      ...{ title, placeName: '서울숲', lat: 37.5444, lng: 127.0374, capacity: SEATS },
      startsAt: new Date(this.nowMs() + 24 * HOUR_MS * number).toISOString(),
    };
    const { id } = await this.told(walker, 'POST', '/meetups', meetup, uuidv7());
    this.acknowledged.meetups.push({ id: id as string, title });
  }

  private async join(walker: Walker, meetup?: { id: string }): Promise<void> {
    if (!meetup) return;
    const path = `/meetups/${meetup.id}/participation`;
    const { status } = await this.ask(walker, 'POST', path, {}, uuidv7(), ['meetup-full', 'already-joined']);
    if (status < 300) this.acknowledged.joins.add(`${meetup.id} ${walker.id}`);
  }

  private async look(walker: Walker): Promise<void> {
    for (const path of ['/feed', '/users/me', '/notifications']) await this.told(walker, 'GET', path);
  }

  private async told(
    walker: Walker,
    method: string,
    path: string,
    body?: unknown,
    key?: string,
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each caller knows what it asked for
  ): Promise<any> {
    return (await this.ask(walker, method, path, body, key)).body;
  }

  /** @param refusals codes that are answers as well */
  private async ask(
    walker: Walker,
    method: string,
    path: string,
    body?: unknown,
    key?: string,
    refusals: readonly string[] = [],
  ): Promise<Answer> {
    const answer = await this.fleet.ask(walker.token, method, path, body, key);
    if (answer.status >= 300 && !refusals.includes(answer.body?.code))
      throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer;
  }
}
