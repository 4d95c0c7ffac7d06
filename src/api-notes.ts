import type { ApiNotes } from './platform/http/openapi.js';

const description = `산책을 기록하고, 판정하고, 함께 즐기는 멍이랑의 API입니다.

**시작하기** — \`POST /auth/kakao\`(네이버, Apple)로 로그인해 받은 \`accessToken\`을 오른쪽 위 **Authorize**에 넣으면
자물쇠가 있는 모든 요청에 쓰입니다. \`npm run demo\`로 띄운 서버에서는 카카오도 시뮬레이터이므로, \`POST /auth/kakao\`의
예시를 그대로 **Execute**하면 로그인됩니다: \`sim-kakao-이름\` 꼴의 아무 토큰(영문, 숫자)이나 그 이름의 사용자로 받아 줍니다.

**오류**는 모두 \`application/problem+json\`(RFC 9457)이며 \`code\`로 구분합니다. \`Accept-Language: en\`이면 영어로 답합니다.
\`401 unauthorized\`는 \`POST /auth/refresh\`로 토큰을 갱신하고 한 번 다시 보냅니다. \`503\`과 \`429\`는 \`Retry-After\`초 뒤에
다시 보냅니다.

**한 번만** — \`Idempotency-Key\`를 받는 요청에는 시도마다 같은 키를 보내세요. 24시간 동안 같은 답을 돌려줍니다. 산책은
앱이 만든 UUIDv7이 그 역할을 합니다.

**목록**은 \`nextCursor\`를 \`cursor\`로 되돌려 보내 이어 읽습니다. 시각은 UTC의 ISO 8601, 거리 단위는 m, 시간은 초이며 이름에
적혀 있습니다(\`distanceM\`, \`movingS\`). 함께 걷기의 위치는 Socket.IO로 주고받습니다(\`docs/realtime.md\`).

*In short: log in, press Authorize, try. Errors are problem+json with a stable \`code\`; lists page by cursor.*`;

/** What /docs says beside the operations themselves. Values of examples that names alone decide. */
export const apiNotes: ApiNotes = {
  title: '멍이랑 API',
  description,
  calledByOthers: 'callbacks',
  tags: {
    auth: {
      ...{ ko: '로그인', en: 'Auth' },
      description: '카카오, 네이버, Apple 로그인과 토큰 · Login, refresh, sessions, linking',
    },
    users: {
      ...{ ko: '사용자', en: 'Users' },
      description: '내 정보와 설정, 동네, 프라이버시 존, 동의 · Profile, settings, privacy, consents',
    },
    pets: {
      ...{ ko: '반려동물', en: 'Pets' },
      description: '반려동물과 건강 기록 · Dogs and their health records',
    },
    walks: {
      ...{ ko: '산책', en: 'Walks' },
      description: '기록, 판정, 경로, GPX · Recording, judging, routes, GPX',
    },
    photos: {
      ...{ ko: '사진', en: 'Photos' },
      description: '산책과 반려동물의 사진 · Pictures of walks and pets',
    },
    upload: { ...{ ko: '올리기', en: 'Upload' }, description: '사진 파일 올리기 · Sending files' },
    badges: { ...{ ko: '뱃지', en: 'Badges' }, description: '뱃지와 진행률 · Badges and progress' },
    rankings: { ...{ ko: '랭킹', en: 'Rankings' }, description: '동, 구, 전국 · Boards and hall of fame' },
    notifications: {
      ...{ ko: '알림', en: 'Notifications' },
      description: '알림함과 푸시 · Inbox and push tokens',
    },
    weather: { ...{ ko: '날씨', en: 'Weather' }, description: '날씨와 산책 적합도 · Weather and walk score' },
    regions: { ...{ ko: '동네', en: 'Regions' }, description: '행정동 · Administrative dongs' },
    places: {
      ...{ ko: '장소', en: 'Places' },
      description: '동물병원과 반려동물 동반 장소 · Vets, pet-friendly places',
    },
    people: { ...{ ko: '친구', en: 'People' }, description: '팔로우와 차단 · Follows, requests, blocks' },
    social: { ...{ ko: '피드', en: 'Social' }, description: '피드, 좋아요, 댓글 · Feed, likes, comments' },
    recommendations: {
      ...{ ko: '추천', en: 'Recommendations' },
      description: '함께 걸을 만한 사람 · Whom to walk with',
    },
    invitations: {
      ...{ ko: '초대', en: 'Invitations' },
      description: '함께 산책하자는 초대 · Asking somebody along',
    },
    meetups: { ...{ ko: '모임', en: 'Meetups' }, description: '동네 산책 모임 · Group walks' },
    together: {
      ...{ ko: '함께 걷기', en: 'Together' },
      description:
        '실시간 위치를 나누는 방; 위치는 소켓으로 · Rooms of live positions (socket: docs/realtime.md)',
    },
    shares: {
      ...{ ko: '공유', en: 'Shares' },
      description: '공유 카드와 링크 · Share cards and public links',
    },
    payments: {
      ...{ ko: '결제', en: 'Payments' },
      description: '프리미엄, App Store, Google Play, Toss · Premium and what it costs',
    },
    reports: { ...{ ko: '신고', en: 'Reports' }, description: '신고하기 · Reporting' },
    admin: {
      ...{ ko: '운영', en: 'Admin' },
      description: '운영자 전용(`x-role`): 신고, 계정, 작업, 기록 · Back office, for moderators and admins',
    },
    callbacks: {
      ...{ ko: '외부 호출', en: 'Callbacks' },
      description:
        '앱이 부르지 않습니다: 로그인 제공자와 스토어의 서버가 부릅니다 · Called by providers and stores',
    },
    service: { ...{ ko: '서비스', en: 'Service' }, description: '살아 있는지, 준비되었는지 · Health' },
  },
  samples: [
    [/^lat/, 37.5443],
    [/^lng/, 127.0557],
    [/nickname/i, '보리누나'],
    [/^petNames?$/, '보리'],
    [/^(name|q)$/, '보리'],
    [/^names$/, '서울특별시'],
    [/breed/i, '시바견'],
    [/bio/i, '시바견 보리와 매일 아침 서울숲을 걸어요.'],
    [/placeName/, '서울숲 2번 출구'],
    [/address/i, '서울특별시 성동구 뚝섬로 273'],
    [/phone/i, '02-460-2905'],
    [/title/i, '서울숲 아침 산책'],
    [/memo|note/i, '벤치 앞에서 초코를 만났다.'],
    [/description/i, '천천히 한 바퀴 돌아요.'],
    [/body|message/i, '보리 오늘도 신났네요!'],
    [/^reason$/, '이용 원칙 3조'],
    [/deviceName/, '지민의 iPhone'],
    [/[rR]egionName|^region$/, '서울특별시 성동구 성수1가1동'],
    [/regionCode|^code$/, '1120065000', 'a1B2c3D4e5'],
    [/^(to|endsAt|completedAt|closesAt)$/, '2026-11-21T09:00:00.000Z'],
    [/Until$|[eE]xpiresAt$/, '2026-12-21T08:30:00.000Z'],
    [/cron/, '*/10 * * * *'],
    [/month|period/i, '2026-11', '2026-W47'],
    [/time$/i, '08:30'],
    [/url/i, 'https://api.example.com/files/eyJ2IjoxfQ'],
    [/accessToken$/, 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwMTkzIn0.c2lnbmF0dXJl'],
    [/refreshToken$/, 'rt_5m2Zk0yqXvVJq1nGmT8aZw'],
    [/token$/i, 'dGhpcy1pcy1hLXRva2Vu'],
    [/nextCursor/, 'WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ'],
    [/distanceM$|distance$/i, 2_340],
    [/movingS$|durationS$/, 1_860],
    [/weightKg/, 8.5],
    [/[pP]riceKrw|amount/, 4_900],
    [/accuracyM/, 6],
    [/speedMps/, 1.3],
    [/headingDeg/, 90],
    [/radiusM/, 200],
    [/capacity/, 6],
    [/kcal/i, 86],
    [/rank$/i, 3],
    [
      /gpx\+xml/,
      '<?xml version="1.0"?><gpx version="1.1"><trk><trkseg><trkpt lat="37.5443" lon="127.0557"><time>2026-11-21T08:30:00Z</time></trkpt></trkseg></trk></gpx>',
    ],
    [/secevent|jwt/, 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrYWthbyJ9.c2lnbmF0dXJl'],
  ],
};
