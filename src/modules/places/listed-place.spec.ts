import { vetOf } from './animal-hospital-rules.js';
import { instantOf, numberOf, textOf } from './listed-place.js';
import { petNoteOf, petPlaceOf } from './pet-tour-rules.js';
import { compactKst } from './wire-time-rules.js';

it.each([
  ['20261020110000', '2026-10-20T02:00:00.000Z'],
  ['2026-10-20 11:00:00', '2026-10-20T02:00:00.000Z'],
  ['2026-10-20T11:00:00.0', '2026-10-20T02:00:00.000Z'],
  ['2026-10-20', '2026-10-19T15:00:00.000Z'],
  ['20261020', '2026-10-19T15:00:00.000Z'],
  ['20261320', undefined],
  ['', undefined],
  [null, undefined],
])('reads the time %p', (text, at) => {
  expect(instantOf(text)?.toISOString()).toBe(at);
});

it('writes a time to ask with in Korean time', () => {
  expect(compactKst(new Date('2026-10-31T16:59:00Z'))).toBe('20261101010000');
});

it('reads texts as one clean line, and numbers only where there are any', () => {
  expect(textOf('  보리\n동물\u0000병원\u202e ')).toBe('보리 동물 병원');
  expect(textOf('  ')).toBeNull();
  expect(textOf({})).toBeNull();
  expect(textOf('가'.repeat(400))).toHaveLength(300);
  expect([numberOf(' 192500.10 '), numberOf(0), numberOf(''), numberOf('-'), numberOf('1e999')]).toEqual([
    192_500.1,
    0,
    null,
    null,
    null,
  ]);
});

const ROW = {
  ...{ OPN_ATMY_GRP_CD: '3130000', MNG_NO: '313000001020260001', BPLC_NM: '연남동물의료센터' },
  ...{ ROAD_NM_ADDR: '', LOTNO_ADDR: '서울특별시 마포구 연남동 1-1', TELNO: '', SALS_STTS_CD: '01' },
  ...{ CRD_INFO_X: '192500.10', CRD_INFO_Y: '451200.55', LAST_MDFCN_PNT: '2026-10-20 11:00:00' },
};

it('W04 reads a vet as PROVIDERS.md §9.1 shows one', () => {
  expect(vetOf(ROW)).toEqual({
    ...{
      key: '3130000-313000001020260001',
      kind: 'vet',
      name: '연남동물의료센터',
      phone: null,
      imageUrl: null,
    },
    ...{ address: '서울특별시 마포구 연남동 1-1', isOpen: true, changedAt: new Date('2026-10-20T02:00:00Z') },
    spot: { lat: expect.closeTo(37.5631, 2), lng: expect.closeTo(126.916, 2) },
  });
});

it.each([
  [{ MNG_NO: '' }, 'unreadable'],
  [{ BPLC_NM: null }, 'unreadable'],
  [{ SALS_STTS_CD: undefined }, 'unreadable'],
  [{ CRD_INFO_X: '953900', CRD_INFO_Y: '1952000' }, 'spot-impossible'],
])('leaves out a vet with %p', (fault, rejection) => {
  expect(vetOf({ ...ROW, ...fault })).toMatchObject({ rejection });
});

it('takes a closed vet whatever its coordinates, and one without coordinates for its address', () => {
  expect(vetOf({ ...ROW, SALS_STTS_CD: '03', CRD_INFO_X: '1', CRD_INFO_Y: '1' })).toMatchObject({
    isOpen: false,
  });
  expect(vetOf({ ...ROW, CRD_INFO_X: '', CRD_INFO_Y: '' })).toMatchObject({ isOpen: true, spot: null });
  expect(vetOf({ ...ROW, CRD_INFO_X: '0', CRD_INFO_Y: '0' })).toMatchObject({ isOpen: true, spot: null });
});

it.each([
  ['12', 'park'],
  ['14', 'culture'],
  ['15', 'culture'],
  ['28', 'park'],
  ['32', 'lodging'],
  ['38', 'shop'],
  ['39', 'cafe'],
])('content type %s is a %s', (contenttypeid, kind) => {
  expect(
    petPlaceOf({ contentid: '1', title: '카페', contenttypeid, mapx: '126.9', mapy: '37.5' }),
  ).toMatchObject({
    kind,
    spot: { lat: 37.5, lng: 126.9 },
  });
});

it('knows swapped coordinates, and takes no image from elsewhere than the web', () => {
  const row = { contentid: '1', title: '카페', contenttypeid: '39' };
  expect(petPlaceOf({ ...row, mapx: '37.5', mapy: '126.9' })).toMatchObject({ rejection: 'spot-impossible' });
  expect(petPlaceOf({ ...row, firstimage: 'javascript:alert(1)' })).toMatchObject({ imageUrl: null });
});

it('puts what is said of pets into one note', () => {
  expect(petNoteOf({ contentid: '1', acmpyPsblCpam: '소형견', etcAcmpyInfo: '배변봉투' })).toEqual({
    ...{ key: '1', note: '소형견 · 배변봉투' },
  });
  expect(petNoteOf({ contentid: '1' })).toEqual({ key: '1', note: null });
  expect(petNoteOf({ acmpyPsblCpam: '소형견' })).toBeNull();
});
