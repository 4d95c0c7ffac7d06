import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import sharp from 'sharp';
import { SEOUL_FOREST } from '../test/builders/tracks.js';
import type { Phone } from './phone.js';
import { until } from './until.js';

const HOUR_FORMAT = new Intl.DateTimeFormat('ko-KR', {
  timeZone: 'Asia/Seoul',
  hour: 'numeric',
  hour12: true,
});
const VETS_SHOWN = 3;
/** What a picture must not tell: the beginnings of EXIF, XMP and GPS data. */
const TELLTALES = ['Exif', 'http://ns.adobe.com', 'GPS'];

interface WalkScore {
  score: number;
  label: string;
  reasons: { code: string; text: string }[];
  bestHour: { at: string; score: number } | null;
}
interface Place {
  name: string;
  distanceM: number;
}
interface Photo {
  id: string;
  url1080: string;
  position: { lat: number; lng: number } | null;
}

export interface Surroundings {
  weather: { score: number; label: string; bestHourAt: string | null };
  places: { name: string; distanceM: number }[];
  photo: { id: string; bytesIn: number; bytesShown: number; metadataLeft: string[]; isOnTrack: boolean };
  card: { path: string; bytes: number; sharePage: string };
}

/** Is it a good hour for this dog, where is the next vet, and what of the walk may be shown to everybody. */
export async function lookAround(
  phone: Phone,
  {
    petId,
    walkId,
    syncPlaces,
    cardPath,
    say,
  }: {
    petId: string;
    /** A public walk of the phone's owner. */
    walkId: string;
    syncPlaces: () => Promise<void>;
    cardPath: string;
    say: (line: string) => void;
  },
): Promise<Surroundings> {
  const here = `lat=${SEOUL_FOREST.lat}&lng=${SEOUL_FOREST.lng}`;

  const { score, label, reasons, bestHour } = await phone.call<WalkScore>(
    'GET',
    `/weather/walk-score?${here}&petId=${petId}`,
  );
  say(`\n🌤️ 지금 보리의 산책 점수는 ${score}점 (${label}): ${reasons.map(({ text }) => text).join(' ')}`);
  if (bestHour)
    say(
      `⏰ 앞으로 24시간 중 가장 좋은 때는 ${HOUR_FORMAT.format(new Date(bestHour.at))}, ${bestHour.score}점이에요.`,
    );

  await syncPlaces();
  const { items: vets } = await until(
    () => phone.call<{ items: Place[] }>('GET', `/places/nearby?kind=vet&${here}&radiusM=5000`),
    ({ items }) => items.length >= VETS_SHOWN,
  );
  const places = vets.slice(0, VETS_SHOWN).map(({ name, distanceM }) => ({ name, distanceM }));
  say(`🏥 가까운 동물병원: ${places.map(({ name, distanceM }) => `${name} ${distanceM} m`).join(', ')}`);

  const photo = await sendPhoto(phone, walkId, say);

  const card = Buffer.from(await (await phone.fetch(`/walks/${walkId}/share-card`)).arrayBuffer());
  const path = resolve(cardPath);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, card);
  const { url } = await phone.call<{ url: string }>('POST', `/walks/${walkId}/shares`, {});
  say(`🖼️ 공유 카드를 저장했어요: ${path}`);
  say(`🔗 로그인 없이 볼 수 있는 페이지: ${url}`);

  return {
    weather: { score, label, bestHourAt: bestHour?.at ?? null },
    places,
    photo,
    card: { path, bytes: card.length, sharePage: url },
  };
}

/** A picture as a phone takes it, with where it was taken in its EXIF; then what is left of that in what is shown. */
async function sendPhoto(phone: Phone, walkId: string, say: (line: string) => void) {
  const { geometry } = await phone.call<{ geometry: { coordinates: [number, number][][] } }>(
    'GET',
    `/walks/${walkId}/route`,
  );
  const track = geometry.coordinates.flat();
  const [lng, lat] = track[Math.floor(track.length / 2)]!;
  const jpeg = await pictureTakenAt(lat, lng);
  const form = new FormData();
  form.set('file', new File([new Uint8Array(jpeg)], 'IMG_0412.JPG', { type: 'image/jpeg' }));
  const sent = await phone.fetch(`/walks/${walkId}/photos`, { method: 'POST', body: form });
  const photo = (await sent.json()) as Photo;
  const shown = Buffer.from(await (await phone.fetch(photo.url1080)).arrayBuffer());
  const metadataLeft = TELLTALES.filter((word) => shown.includes(word));
  say(
    `📷 찍은 곳이 적힌 사진(${jpeg.length.toLocaleString()}바이트)을 올렸더니 ${shown.length.toLocaleString()}바이트로 다시 만들어졌고, 남은 촬영 정보는 ${metadataLeft.length}개예요.`,
  );
  return {
    id: photo.id,
    bytesIn: jpeg.length,
    bytesShown: shown.length,
    metadataLeft,
    isOnTrack: photo.position !== null,
  };
}

function pictureTakenAt(lat: number, lng: number): Promise<Buffer> {
  const sky = { r: 170, g: 205, b: 235 };
  return sharp({ create: { width: 1600, height: 1200, channels: 3, background: sky } })
    .composite([{ input: Buffer.from(DOG_IN_A_PARK), top: 0, left: 0 }])
    .withExif({
      IFD0: { Make: 'Demo', Model: 'Phone' },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: dms(lat),
        GPSLongitudeRef: 'E',
        GPSLongitude: dms(lng),
      },
    })
    .jpeg({ quality: 90 })
    .toBuffer();
}

/** Degrees, minutes, seconds as EXIF writes them. */
function dms(degrees: number): string {
  const minutes = (degrees % 1) * 60;
  const seconds = (minutes % 1) * 60;
  return `${Math.floor(degrees)}/1 ${Math.floor(minutes)}/1 ${Math.round(seconds * 1000)}/1000`;
}

const DOG_IN_A_PARK = `<svg xmlns="http://www.w3.org/2000/svg" width="1600" height="1200">
  <rect y="780" width="1600" height="420" fill="#7fb069"/><circle cx="1300" cy="220" r="110" fill="#ffe08a"/>
  <ellipse cx="800" cy="820" rx="260" ry="150" fill="#c98b4b"/><circle cx="1030" cy="660" r="130" fill="#c98b4b"/>
  <circle cx="1075" cy="640" r="16" fill="#222"/><circle cx="1150" cy="690" r="22" fill="#222"/>
  <path d="M560 800q-120-60-90-190" stroke="#c98b4b" stroke-width="46" fill="none" stroke-linecap="round"/>
  <path d="M640 930v140M740 950v130M880 950v130M980 920v150" stroke="#a86f35" stroke-width="52" stroke-linecap="round"/>
</svg>`;
