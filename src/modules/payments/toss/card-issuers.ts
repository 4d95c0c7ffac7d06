/** Toss's `issuerCode`, as in its list of institutions (docs.tosspayments.com/codes/org-codes). */
const ISSUERS: Record<string, string> = {
  '3K': '기업비씨',
  '46': '광주',
  '71': '롯데',
  '30': '산업',
  '31': '비씨',
  '51': '삼성',
  '38': '새마을',
  '41': '신한',
  '62': '신협',
  '36': '씨티',
  '33': '우리',
  W1: '우리',
  '37': '우체국',
  '39': '저축',
  '35': '전북',
  '42': '제주',
  '15': '카카오뱅크',
  '3A': '케이뱅크',
  '24': '토스뱅크',
  '21': '하나',
  '61': '현대',
  '11': '국민',
  '91': '농협',
  '34': '수협',
};

/** `국민 ****123*`: the issuer, where its code is known, and the end of what Toss masks. */
export function cardLabelOf(issuerCode: string, maskedNumber: string): string {
  return `${ISSUERS[issuerCode] ?? '카드'} ****${maskedNumber.slice(-4)}`;
}
