import {
  Environment,
  type JWSRenewalInfoDecodedPayload,
  type JWSTransactionDecodedPayload,
  type ResponseBodyV2DecodedPayload,
  SignedDataVerifier,
  VerificationException,
  VerificationStatus,
} from '@apple/app-store-server-library';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../config/config.js';
import type { StoreEnvironment } from '../../../generated/prisma/enums.js';
import { storeNotConfigured, storeUnavailable } from '../payments.errors.js';
import { APPLE_ROOTS } from './apple-roots.js';

/** Not signed by the App Store, or not for this app and server. The message is the reason, and quotes nothing. */
export class NotAuthentic extends Error {
  constructor(readonly reason: string) {
    super(reason);
    this.name = 'NotAuthentic';
  }
}

export interface Authentic<T> {
  payload: T;
  environment: StoreEnvironment;
}

interface When {
  /**
   * It came just now, from who knows whom: on a real server Apple is also asked whether the certificates were
   * revoked. What we kept or asked Apple for may be older than its certificates last, and counts as of its signing.
   */
  arriving?: boolean;
}

type Verifiers = Record<StoreEnvironment, SignedDataVerifier>;

/** Chain to the pinned root, Apple's marks, dates, signature, app and environment; PROVIDERS.md §4.2. */
@Injectable()
export class AppleVerifier {
  private readonly kept?: Verifiers;
  private readonly arriving?: Verifiers;

  constructor(@Inject(CONFIG) private readonly config: Config) {
    if (!config.appStore) return;
    const isOnline = config.env === 'production' && !config.appStore.rootCertificates;
    this.kept = verifiersOf(config.appStore, false);
    this.arriving = isOnline ? verifiersOf(config.appStore, true) : this.kept;
  }

  /** @throws NotAuthentic, provider-unavailable, provider-not-configured */
  notification(jws: string, when?: When): Promise<Authentic<ResponseBodyV2DecodedPayload>> {
    return this.verify((verifier) => verifier.verifyAndDecodeNotification(jws), when);
  }

  /** @throws NotAuthentic, provider-unavailable, provider-not-configured */
  transaction(jws: string, when?: When): Promise<Authentic<JWSTransactionDecodedPayload>> {
    return this.verify((verifier) => verifier.verifyAndDecodeTransaction(jws), when);
  }

  /** @throws NotAuthentic, provider-unavailable, provider-not-configured */
  renewal(jws: string, when?: When): Promise<Authentic<JWSRenewalInfoDecodedPayload>> {
    return this.verify((verifier) => verifier.verifyAndDecodeRenewalInfo(jws), when);
  }

  /** App Review buys in the sandbox of the production app, so both are tried; which one it was goes with the result. */
  private async verify<T>(
    decode: (verifier: SignedDataVerifier) => Promise<T>,
    { arriving = false }: When = {},
  ): Promise<Authentic<T>> {
    const verifiers = arriving ? this.arriving : this.kept;
    if (!verifiers) throw storeNotConfigured();
    const production = await attempt(decode(verifiers.production));
    if ('payload' in production) return { payload: production.payload, environment: 'production' };
    if (!MAY_BE_SANDBOX.has(production.status)) throw refusalOf(production.status);
    const sandbox = await attempt(decode(verifiers.sandbox));
    if ('status' in sandbox)
      throw refusalOf(
        sandbox.status === VerificationStatus.INVALID_ENVIRONMENT ? production.status : sandbox.status,
      );
    if (!this.config.stores.sandboxGrants) throw new NotAuthentic('SANDBOX_IN_PRODUCTION');
    return { payload: sandbox.payload, environment: 'sandbox' };
  }
}

/** The sandbox names no app id, which the library looks at first. */
const MAY_BE_SANDBOX: ReadonlySet<VerificationStatus> = new Set([
  VerificationStatus.INVALID_ENVIRONMENT,
  VerificationStatus.INVALID_APP_IDENTIFIER,
]);

/** Environments XCODE and LOCAL_TESTING are not among them: for these the library looks at no signature. */
function verifiersOf(
  { rootCertificates, bundleId, appAppleId }: NonNullable<Config['appStore']>,
  isOnline: boolean,
): Verifiers {
  const roots = rootCertificates ?? [...APPLE_ROOTS];
  const of = (environment: Environment) =>
    new SignedDataVerifier(roots, isOnline, environment, bundleId, appAppleId);
  return { production: of(Environment.PRODUCTION), sandbox: of(Environment.SANDBOX) };
}

async function attempt<T>(decoding: Promise<T>): Promise<{ payload: T } | { status: VerificationStatus }> {
  try {
    return { payload: await decoding };
  } catch (error) {
    if (error instanceof VerificationException) return { status: error.status };
    throw error;
  }
}

const refusalOf = (status: VerificationStatus): Error =>
  status === VerificationStatus.RETRYABLE_VERIFICATION_FAILURE
    ? storeUnavailable()
    : new NotAuthentic(VerificationStatus[status]);
