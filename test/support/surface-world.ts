import { v7 as uuidv7 } from 'uuid';
import type { WalkVisibility } from '../../src/generated/prisma/enums.js';
import { randomToken, sha256 } from '../../src/platform/crypto/secrets.js';
import { Storage } from '../../src/platform/storage/storage.js';
import { picture } from '../builders/pictures.js';
import { type Person, signIn } from './api.js';
import { refreshBoards, setTotals } from './boards.js';
import type { TestApp } from './harness.js';
import { secret } from './leaks.js';
import { storeWalk } from './stored-walks.js';

/** Who asks. `blocked` was blocked by the owner, `blocker` blocked her; `anonymous` has no token. */
export const VIEWERS = ['owner', 'follower', 'stranger', 'blocked', 'blocker', 'anonymous'] as const;
export type Viewer = (typeof VIEWERS)[number];
export type LoggedIn = Exclude<Viewer, 'anonymous'>;

let worlds = 0;
const WORDS = {
  petName: '가을이주인공',
  comment: '주인공이 남긴 댓글',
  meetupTitle: '주인공이 여는 모임',
  walkTitle: '주인공의 산책',
};

/** The owner's part of the world, by the names that requests use. */
export interface Owned {
  user: string;
  session: string;
  pet: string;
  record: string;
  zone: string;
  pushToken: string;
  notification: string;
  walks: Record<'public' | 'followers' | 'private' | 'hidden' | 'recording', string>;
  /** Under the friend's walk, and under her own. */
  comments: { there: string; here: string };
  meetup: string;
  /** To each of the others, and from each to her; all wait for an answer. */
  invitationTo: Record<Exclude<LoggedIn, 'owner'>, string>;
  invitationFrom: Record<Exclude<LoggedIn, 'owner'>, string>;
  /** From the friend, for her to answer. */
  followRequest: string;
  room: string;
  /** A link to the public walk, and what opens it. */
  share: string;
  shareToken: string;
  /** Of the public walk. */
  photo: string;
  /** Announced, and not yet received. */
  upload: string;
}

export interface World {
  people: Record<LoggedIn, Person>;
  nickname: string;
  /** Everybody's home, and nobody's of another world. */
  dong: string;
  /** Public, with a public walk and a meetup that everybody may see; follows nobody. */
  friend: Person;
  friendsWalk: string;
  friendsMeetup: string;
  /** What each brings along: a dog and a public walk. */
  things: Record<LoggedIn, { pet: string; walk: string; comment: string }>;
  owner: Owned;
  /** Whatever would tell of the owner. */
  words: string[];
}

/** Everybody but the owner: what the others see before she appears. */
export async function worldWithoutOwner(test: TestApp): Promise<Omit<World, 'owner' | 'words'>> {
  const { prisma } = test.db;
  const n = ++worlds;
  const [nickname, dong] = [`주인공${n}호`, `${10_000 + n}00000`];
  const people = {} as World['people'];
  const things = {} as World['things'];
  const walkOf = (userId: string, visibility: WalkVisibility = 'public') =>
    storeWalk(test, userId, {
      visibility,
      startedAt: new Date(test.clock.nowMs() - 7_200_000),
      completedAt: new Date(test.clock.nowMs() - 3_600_000),
    });
  for (const viewer of VIEWERS.filter((one) => one !== 'anonymous')) {
    const person = await signIn(test, { nickname: viewer === 'owner' ? nickname : `이웃-${viewer}` });
    people[viewer] = person;
    await prisma.user.update({ where: { id: person.id }, data: { regionCode: dong } });
    if (viewer === 'owner') continue;
    things[viewer] = {
      pet: await petOf(test, person.id, '동네개'),
      walk: await walkOf(person.id),
      comment: uuidv7(),
    };
  }
  const friend = await signIn(test, { nickname: '모두의친구' });
  await prisma.user.update({ where: { id: friend.id }, data: { regionCode: dong } });
  const friendsWalk = await walkOf(friend.id);
  const friendsMeetup = await meetupOf(test, { hostId: friend.id, dong, title: '친구가 여는 모임' });
  for (const [viewer, { comment }] of Object.entries(things))
    await prisma.walkComment.create({
      data: {
        id: comment,
        walkId: friendsWalk,
        userId: people[viewer as LoggedIn].id,
        body: '좋은 산책',
        createdAt: test.clock.now(),
      },
    });
  return { people, nickname, dong, friend, friendsWalk, friendsMeetup, things };
}

/** The owner touches everything: walks, follows, likes, comments, meets, invites, is told about. */
export async function bringOwner(test: TestApp, world: Omit<World, 'owner' | 'words'>): Promise<World> {
  const { prisma } = test.db;
  const { people, nickname, dong, friend, friendsWalk, friendsMeetup, things } = world;
  const { id: userId, sessionId } = people.owner;
  const now = test.clock.now();
  const pet = await petOf(test, userId, WORDS.petName);
  const walks = {} as Owned['walks'];
  const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
  for (const [i, name] of (['public', 'followers', 'private', 'hidden'] as const).entries()) {
    walks[name] = await storeWalk(test, userId, {
      visibility: name === 'hidden' ? 'public' : name,
      startedAt: minutesAgo(180 + 30 * i),
      completedAt: minutesAgo(90 + 20 * i),
    });
    await prisma.walk.update({
      where: { id: walks[name] },
      data: { title: WORDS.walkTitle, ...(name === 'hidden' && { hiddenAt: now }) },
    });
    await prisma.walkPet.create({ data: { walkId: walks[name], petId: pet } });
  }
  walks.recording = uuidv7();
  await prisma.walk.create({
    data: {
      ...{ id: walks.recording, userId, state: 'recording', source: 'live', visibility: 'public' },
      ...{ walkDate: new Date('2026-11-20'), startedAt: now, lastHeardAt: now, createdAt: now, reasons: [] },
      pets: { create: { petId: pet } },
    },
  });
  const record = await prisma.healthRecord.create({
    data: { id: uuidv7(), petId: pet, kind: 'vet_visit', date: new Date('2026-11-01'), createdAt: now },
  });
  const zone = await prisma.privacyZone.create({
    data: { id: uuidv7(), userId, name: '집', lat: 37.5, lng: 127, radiusM: 200, createdAt: now },
  });
  const pushToken = `device-${uuidv7()}`;
  await prisma.pushToken.create({
    data: {
      ...{ id: uuidv7(), token: pushToken, userId, sessionId, platform: 'ios' },
      ...{ createdAt: now, lastSeenAt: now },
    },
  });
  const comments = { there: uuidv7(), here: uuidv7() };
  const others = Object.keys(things) as Exclude<LoggedIn, 'owner'>[];
  for (const [id, walkId] of [
    [comments.there, friendsWalk],
    [comments.here, walks.public],
    ...others.map((viewer) => [uuidv7(), things[viewer].walk]),
  ] as [string, string][])
    await prisma.walkComment.create({ data: { id, walkId, userId, body: WORDS.comment, createdAt: now } });
  const theirWalks = [friendsWalk, ...others.map((viewer) => things[viewer].walk)];
  for (const walkId of theirWalks) await prisma.walkLike.create({ data: { walkId, userId, createdAt: now } });
  for (const followeeId of [friend.id, ...others.map((viewer) => people[viewer].id)])
    await prisma.follow.create({ data: { followerId: userId, followeeId, createdAt: now } });
  await prisma.follow.create({
    data: { followerId: people.follower.id, followeeId: userId, createdAt: now },
  });

  const meetup = await meetupOf(test, { hostId: userId, dong, title: WORDS.meetupTitle, petId: pet });
  await prisma.meetupParticipant.create({ data: { meetupId: friendsMeetup, userId, joinedAt: now } });
  const invitationTo = {} as Owned['invitationTo'];
  const invitationFrom = {} as Owned['invitationFrom'];
  const notes: { userId: string; actorId: string | null; walkId?: string }[] = [{ userId, actorId: null }];
  for (const viewer of others) {
    const other = people[viewer].id;
    invitationTo[viewer] = await invite(test, userId, other);
    invitationFrom[viewer] = await invite(test, other, userId);
    notes.push({ userId: other, actorId: userId }, { userId: other, actorId: null, walkId: walks.public });
    await prisma.recommendation.create({
      data: {
        ...{ userId: other, recommendedId: userId, score: 0.9, madeAt: now },
        ...{ regionScore: 1, hoursScore: 1, breedScore: 0, activityScore: 1 },
      },
    });
  }
  const notification = uuidv7();
  for (const [i, note] of notes.entries())
    await prisma.notification.create({
      data: {
        ...{
          id: i === 0 ? notification : uuidv7(),
          ...note,
          type: 'social',
          title: nickname,
          body: nickname,
        },
        ...{ dedupeKey: uuidv7(), pushState: 'none', createdAt: now },
      },
    });
  const followRequest = await prisma.followRequest.create({
    data: { id: uuidv7(), requesterId: friend.id, targetId: userId, createdAt: now },
  });
  const accepted = await invite(test, userId, people.follower.id, 'accepted');
  const room = await prisma.room.create({
    data: {
      ...{ id: uuidv7(), invitationId: accepted, opensAt: now, createdAt: now },
      closesAt: new Date(now.getTime() + 4 * 3_600_000),
      members: { create: [{ userId }, { userId: people.follower.id }] },
    },
  });
  await prisma.hallOfFameEntry.create({
    data: {
      ...{ id: uuidv7(), period: 'month', startsOn: new Date('2026-10-01'), scope: 'nation' },
      ...{ regionCode: '', metric: 'distance', rank: 1, value: 90_000, userId, enteredAt: now },
    },
  });

  const shareToken = secret(randomToken());
  const share = await prisma.walkShare.create({
    data: {
      ...{ id: uuidv7(), walkId: walks.public, userId, tokenHash: sha256(shareToken), theme: 'milk' },
      ...{ createdAt: now, expiresAt: new Date(now.getTime() + 30 * 86_400_000) },
    },
  });

  const photo = uuidv7();
  await prisma.photo.create({
    data: {
      ...{ id: photo, userId, kind: 'walk_photo', walkId: walks.public, storageKey: `photos/${photo}` },
      ...{ widthPx: 400, heightPx: 300, createdAt: now },
    },
  });
  await test.app.get(Storage).put(`photos/${photo}/320.webp`, await picture('webp'), 'image/webp');
  const upload = uuidv7();
  await prisma.uploadIntent.create({
    data: {
      ...{ id: upload, userId, kind: 'pet_profile', petId: pet, storageKey: `uploads/${upload}` },
      ...{ mediaType: 'image/png', sizeBytes: 9, createdAt: now },
      expiresAt: new Date(now.getTime() + 600_000),
    },
  });

  const owner: Owned = {
    ...{ user: userId, session: sessionId, pet, record: record.id, zone: zone.id, pushToken, notification },
    ...{ walks, comments, meetup, invitationTo, invitationFrom },
    ...{ followRequest: followRequest.id, room: room.id, share: share.id, shareToken },
    ...{ photo, upload },
  };
  const ids = [userId, pet, meetup, ...Object.values(comments), ...Object.values(walks)];
  const words = [nickname, ...Object.values(WORDS), ...ids, ...Object.values(invitationTo)];
  return { ...world, owner, words };
}

/** Everybody of the world is on the boards, the owner (if she is there) above all. */
export async function fillBoards(test: TestApp, { people }: Pick<World, 'people'>, isOwnerThere: boolean) {
  for (const [viewer, { id }] of Object.entries(people))
    if (viewer !== 'owner') await setTotals(test, id, { distanceM: 10_000 });
    else if (isOwnerThere) await setTotals(test, id, { distanceM: 50_000 });
  await refreshBoards(test);
}

/** Both directions at once, without what follows: the world must be right before any job ran. */
export async function blockOwner(test: TestApp, { people }: Pick<World, 'people'>): Promise<void> {
  const at = { createdAt: test.clock.now() };
  await test.db.prisma.block.createMany({
    data: [
      { blockerId: people.owner.id, blockedId: people.blocked.id, ...at },
      { blockerId: people.blocker.id, blockedId: people.owner.id, ...at },
    ],
  });
}

async function petOf(test: TestApp, userId: string, name: string): Promise<string> {
  const { id } = await test.db.prisma.pet.create({
    data: { id: uuidv7(), userId, name, breed: '시바견', createdAt: test.clock.now() },
  });
  return id;
}

async function meetupOf(
  test: TestApp,
  { hostId, dong, title, petId }: { hostId: string; dong: string; title: string; petId?: string },
): Promise<string> {
  const now = test.clock.now();
  const { id } = await test.db.prisma.meetup.create({
    data: {
      ...{
        id: uuidv7(),
        hostId,
        title,
        placeName: '공원 정문',
        lat: 37.54,
        lng: 127.04,
        capacity: 8,
        temperaments: [],
      },
      ...{ startsAt: new Date(now.getTime() + 2 * 86_400_000), regionCode: dong, createdAt: now },
      participants: { create: { userId: hostId, petId, joinedAt: now } },
      room: {
        create: {
          ...{ id: uuidv7(), createdAt: now, members: { create: { userId: hostId } } },
          opensAt: new Date(now.getTime() + 47 * 3_600_000),
          closesAt: new Date(now.getTime() + 51 * 3_600_000),
        },
      },
    },
  });
  return id;
}

async function invite(
  test: TestApp,
  inviterId: string,
  inviteeId: string,
  state: 'pending' | 'accepted' = 'pending',
): Promise<string> {
  const now = test.clock.now();
  const { id } = await test.db.prisma.invitation.create({
    data: {
      ...{ id: uuidv7(), inviterId, inviteeId, state, createdAt: now },
      expiresAt: new Date(now.getTime() + 7_200_000),
    },
  });
  return id;
}
