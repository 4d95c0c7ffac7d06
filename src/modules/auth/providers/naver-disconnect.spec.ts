import { disconnectedUserOf } from './naver-disconnect.js';

/** The test vector of PROVIDERS.md §2.5. */
const notification = {
  clientId: 'sampleClientId',
  encryptUniqueId: 'AAECAwQFBgcICQoLDA0OD2k9k-7rjrEJ9vc0eJC31_IatcnuloA_ZS_YGy-cRB-Y',
  timestamp: '1767225600',
  signature: 'CsE0QC3cZVMWE3n4xu5aTO2XsD4hhdvmoytIZXW11M4',
};
const ours = { clientId: 'sampleClientId', clientSecret: 'sampleSecret', now: new Date(1_767_225_600_000) };
const later = (seconds: number) => ({ ...ours, now: new Date(ours.now.getTime() + seconds * 1000) });

describe("Naver's disconnect notification", () => {
  it('names the user', () => expect(disconnectedUserOf(notification, ours)).toBe('Abc_123-naver-user-id'));
  it('is good for ten minutes', () => expect(disconnectedUserOf(notification, later(600))).not.toBeNull());
  it('is refused later', () => expect(disconnectedUserOf(notification, later(601))).toBeNull());

  it.each([
    ['another app', { clientId: 'other' }],
    ['another user', { encryptUniqueId: notification.encryptUniqueId.replace('AAEC', 'AAED') }],
    ['another time', { timestamp: '1767225601' }],
    ['a time that is none', { timestamp: 'NaN' }],
    ['a forged signature', { signature: notification.signature.replace('Cs', 'cS') }],
    ['no signature', { signature: undefined }],
  ])('is refused for %s', (_, bent) =>
    expect(disconnectedUserOf({ ...notification, ...bent }, ours)).toBeNull(),
  );
});
