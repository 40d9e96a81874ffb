import type { Problem } from '../../problem/problem.ts';
import { type Next, remedy } from '../../problem/remedy.ts';
import { type Authority, authorityDirectory } from '../ca/authority.ts';
import type { CaRotation } from '../ca/ca-rotation.ts';
import type { DesiredCertificate } from '../desired-certificate.ts';
import { namesFor } from '../desired-certificate.ts';
import type { Issued } from '../issue/issued.ts';
import type { StoreFacts } from '../store/store-facts.ts';
import { certificateProblem } from './certificate-problem.ts';
import { certificateRemedies as remedies } from './certificate-remedies.ts';
import { RENEW_BEFORE_DAYS, whyCaUnfit, whyNotForMembers } from './judge.ts';

const DAY = 86_400_000;

/** What is to be known of certificates that the inventory does not ask for: some lie in the store, some were handed out. */
export function checkOthers(
  unnamed: readonly string[],
  { certificates, ca, peerCa, directory }: StoreFacts,
  { previous }: CaRotation,
  issued: readonly Issued[],
  now: Date,
): readonly Problem[] {
  const warn = (about: string, check: string, why: string, next: Next) =>
    certificateProblem(about, check, 'warn', why, next);
  const former = previous?.fact.fingerprint256;
  const signers = [ca, peerCa].map((one) => one?.fact.fingerprint256);
  const isSigner = (issuer: string | undefined) => issuer !== undefined && signers.includes(issuer);
  return [
    ...unnamed.map((id) => {
      const isOurs = isSigner(certificates.get(id)?.issuerFingerprint256);
      const files = `${directory}/${id}.crt and ${directory}/${id}.key`;
      return isOurs
        ? warn(
            id,
            'named',
            'is in the store, not in the inventory: nobody renews it, and members accept it',
            remedies.nameOrRevoke(id, files),
          )
        : warn(
            id,
            'named',
            'is in the store, not in the inventory, and not of the CA that signs now',
            former === undefined
              ? [remedy`move ${files} out of the store: no member accepts it`]
              : remedies.finishRemoves,
          );
    }),
    ...issued.flatMap(({ name, serial, until, ca: by, where }) => {
      const about = `${name} (serial ${serial.toLowerCase()}, handed out to ${where})`;
      const days = Math.floor((Date.parse(until) - now.getTime()) / DAY);
      if (by === former)
        return [
          warn(about, 'CA', 'is of the CA whose trust is to end', remedies.issueBeforeFinish),
        ];
      if (!isSigner(by) || days >= RENEW_BEFORE_DAYS) return [];
      return [warn(about, 'ends soon', `ends in ${days} days`, remedies.issueIfUsed)];
    }),
  ];
}

/** What keeps a CA of the store from signing next, before a rotation lets anybody trust it. */
export function checkNextCas(
  wanted: readonly DesiredCertificate[],
  rotations: Readonly<Record<Authority, CaRotation>>,
  store: string,
  now: Date,
): readonly Problem[] {
  return (['client', 'peer'] as const).flatMap((authority) => {
    const { next: ca } = rotations[authority];
    if (ca === undefined) return [];
    const why = whyCaUnfit(ca.fact, now) ?? whyNotForMembers(ca.fact, namesFor(authority, wanted));
    if (why === undefined) return [];
    const directory = `${authorityDirectory(store, authority)}/next-ca`;
    const [about, next] =
      authority === 'peer'
        ? (['peer-ca/next-ca', [remedy`move ${directory} away`]] as const)
        : (['next-ca', remedies.abortRotation] as const);
    return [certificateProblem(about, 'fit for members', 'fail', why, next)];
  });
}
