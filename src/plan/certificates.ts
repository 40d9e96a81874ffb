import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { DesiredCertificate } from '../pki/certificates.ts';
import { whyReissue } from '../pki/judge.ts';
import type { Step } from './step.ts';

/** What the PKI store lacks, and which certificates will be new. */
export interface CertificatePlan {
  readonly steps: readonly Step[];
  readonly reissued: ReadonlySet<string>;
}

/** Why a certificate that still fits is to be made anew all the same, if it is. */
export type Renewal = (certificate: DesiredCertificate) => string | undefined;

/** Decides what to make in the PKI store: a CA when there is none, and each certificate that is missing or no longer fits. */
export function planCertificates(
  desired: DesiredCluster,
  facts: ClusterFacts,
  renewal: Renewal = () => undefined,
): CertificatePlan {
  if (desired.ca === undefined) return { steps: [], reissued: new Set() };
  const { store, now } = facts;
  const ca = store.ca?.fact;

  const issues = desired.certificates.flatMap((certificate) => {
    const found = store.certificates.get(certificate.id);
    const because =
      ca === undefined
        ? 'the CA is new'
        : (whyReissue(certificate, found, ca, now) ?? renewal(certificate));
    return because === undefined
      ? []
      : [{ kind: 'issue-certificate', certificate, because } as const];
  });

  const steps: readonly Step[] = [
    ...(store.ca === undefined
      ? [{ kind: 'create-ca', ca: desired.ca, because: 'the store has no CA' } as const]
      : []),
    ...issues,
  ];
  return { steps, reissued: new Set(issues.map(({ certificate }) => certificate.id)) };
}
