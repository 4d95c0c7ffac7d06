import { kstDate } from '../../../platform/clock/kst.js';

/** For whoever opens the archive. */
export const readmeOf = (now: Date): string => `멍이랑 내 데이터 (${kstDate(now)})

- *.jsonl: 한 줄에 하나씩 JSON으로 적혀 있어요. 파일 이름이 데이터의 종류예요.
  users(내 정보), pets(반려견), health_records(건강 기록), walks(산책), walk_chunks(최근 30일의 원본 위치),
  location_uses(위치정보 이용·제공 사실), walk_comments(내가 쓴 댓글), ledger_entries(결제와 환불) 등이 있어요.
- photos.jsonl: 내 사진의 목록과 내려받을 주소예요. 주소는 6시간이 지나면 쓸 수 없으니 그 안에 받아 주세요.
- walks/<산책 id>.gpx: 산책의 경로예요. 지도 앱에서 열 수 있어요.

시각에는 시간대가 함께 적혀 있고, 거리는 미터, 시간은 초예요.
다른 사람의 개인정보와, 로그인·결제에 쓰는 비밀값은 들어 있지 않아요.
`;
