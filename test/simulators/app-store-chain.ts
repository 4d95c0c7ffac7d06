import 'reflect-metadata';
import { createHmac, KeyObject, sign, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  Extension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

cryptoProvider.set(webcrypto);

/** The marks of Apple's certificates: signs for the App Store; may issue such ones (PROVIDERS.md §4.2). */
const LEAF_MARK = '1.2.840.113635.100.6.11.1';
const INTERMEDIATE_MARK = '1.2.840.113635.100.6.2.1';
const DER_NULL = Uint8Array.from([5, 0]);
const P256 = { name: 'ECDSA', namedCurve: 'P-256' };
const ES256 = { name: 'ECDSA', hash: 'SHA-256' };
const FROM = new Date('2020-01-01T00:00:00Z');
const TO = new Date('2045-01-01T00:00:00Z');
/** Before anything that tests sign. */
const LONG_AGO = new Date('2021-01-01T00:00:00Z');

/** What is wrong with the signature; the content stays as it is, but for `altered`. */
export type ChainForgery =
  | 'wrong-root'
  | 'borrowed-chain'
  | 'leaf-without-mark'
  | 'intermediate-without-mark'
  | 'expired-leaf'
  | 'chain-of-two'
  | 'altered'
  | 'alg-none'
  | 'hs256';

interface Certified {
  certificate: X509Certificate;
  keys: webcrypto.CryptoKeyPair;
}

interface Signer {
  x5c: string[];
  privateKey: KeyObject;
}

/** A root, an intermediate and a leaf as Apple has them, and others that nearly pass for them. */
export class AppStoreChain {
  private constructor(
    /** DER, base64: what the app pins. */
    readonly rootDer: string,
    private readonly genuine: Signer,
    private readonly false_: Record<
      'wrong-root' | 'leaf-without-mark' | 'intermediate-without-mark' | 'expired-leaf',
      Signer
    >,
  ) {}

  static async make(): Promise<AppStoreChain> {
    const root = await certify('Test Root CA - G3', { isCa: true });
    const between = await certify('Test WWDR', { isCa: true, mark: INTERMEDIATE_MARK }, root);
    const plainBetween = await certify('Test WWDR', { isCa: true }, root);
    const leaf = { mark: LEAF_MARK };
    const otherRoot = await certify('Test Root CA - G3', { isCa: true });
    const otherBetween = await certify('Test WWDR', { isCa: true, mark: INTERMEDIATE_MARK }, otherRoot);
    const signer = async (issuer: Certified, top: Certified, traits: Traits) =>
      signerOf([await certify('Test App Store', traits, issuer), issuer, top]);
    return new AppStoreChain(derOf(root), await signer(between, root, leaf), {
      'wrong-root': await signer(otherBetween, otherRoot, leaf),
      'leaf-without-mark': await signer(between, root, {}),
      'intermediate-without-mark': await signer(plainBetween, root, leaf),
      'expired-leaf': await signer(between, root, { ...leaf, to: LONG_AGO }),
    });
  }

  sign(payload: object, { x5c, privateKey } = this.genuine): string {
    const text = `${encode({ alg: 'ES256', x5c })}.${encode(payload)}`;
    return `${text}.${es256(text, privateKey)}`;
  }

  forge(payload: object, kind: ChainForgery): string {
    const { x5c, privateKey } = this.genuine;
    if (kind === 'borrowed-chain') return this.sign(payload, { ...this.false_['wrong-root'], x5c });
    if (kind === 'chain-of-two') return this.sign(payload, { privateKey, x5c: x5c.slice(0, 2) });
    if (kind === 'alg-none') return `${encode({ alg: 'none', x5c })}.${encode(payload)}.`;
    if (kind === 'altered') {
      const [header, , signature] = this.sign(payload).split('.');
      return `${header}.${encode({ ...payload, altered: true })}.${signature}`;
    }
    if (kind === 'hs256') {
      // The classic confusion of algorithms: the leaf, which everybody knows, as the shared secret.
      const text = `${encode({ alg: 'HS256', x5c })}.${encode(payload)}`;
      return `${text}.${createHmac('sha256', x5c[0]!).update(text).digest('base64url')}`;
    }
    return this.sign(payload, this.false_[kind]);
  }
}

/** The payload of a JWS, unverified. */
export function contentOf(jws: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jws.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>;
}

interface Traits {
  isCa?: boolean;
  mark?: string;
  to?: Date;
}

async function certify(
  commonName: string,
  { isCa = false, mark, to = TO }: Traits,
  issuer?: Certified,
): Promise<Certified> {
  const keys = await webcrypto.subtle.generateKey(P256, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${commonName}`,
    issuer: issuer?.certificate.subject ?? `CN=${commonName}`,
    publicKey: keys.publicKey,
    signingKey: (issuer?.keys ?? keys).privateKey,
    signingAlgorithm: ES256,
    notBefore: FROM,
    notAfter: to,
    extensions: [
      new BasicConstraintsExtension(isCa, undefined, true),
      ...(mark ? [new Extension(mark, false, DER_NULL)] : []),
    ],
  });
  return { certificate, keys };
}

const derOf = ({ certificate }: Certified): string => Buffer.from(certificate.rawData).toString('base64');

const signerOf = (chain: Certified[]): Signer => ({
  x5c: chain.map(derOf),
  privateKey: KeyObject.from(chain[0]!.keys.privateKey),
});

const es256 = (text: string, key: KeyObject): string =>
  sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
