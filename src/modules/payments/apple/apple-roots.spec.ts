import { X509Certificate } from 'node:crypto';
import { APPLE_ROOTS } from './apple-roots.js';

it('S08 the only root is Apple Root CA - G3, as Apple publishes it', () => {
  const [root, ...others] = APPLE_ROOTS.map((der) => new X509Certificate(der));
  expect(others).toEqual([]);
  expect(root!.subject.split('\n')).toEqual([
    'CN=Apple Root CA - G3',
    'OU=Apple Certification Authority',
    'O=Apple Inc.',
    'C=US',
  ]);
  expect(root!.issuer).toBe(root!.subject);
  expect(root!.verify(root!.publicKey)).toBe(true);
  expect(root!.ca).toBe(true);
  expect(root!.fingerprint256).toBe(
    '63:34:3A:BF:B8:9A:6A:03:EB:B5:7E:9B:3F:5F:A7:BE:7C:4F:5C:75:6F:30:17:B3:A8:C4:88:C3:65:3E:91:79',
  );
  expect([root!.validFrom, root!.validTo].map((date) => new Date(date).toISOString())).toEqual([
    '2014-04-30T18:19:06.000Z',
    '2039-04-30T18:19:06.000Z',
  ]);
});
