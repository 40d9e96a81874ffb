import { desiredCertificates } from '../../desired/certificates.ts';
import { sharedClients } from '../../desired/client-certificates.ts';
import { keepsLayout } from '../../desired/guard.ts';
import { isShown } from '../../facts/host/their-pairs.ts';
import { observePki } from '../../facts/pki.ts';
import { Failure } from '../../failure/failure.ts';
import { readInventory } from '../../inventory/read.ts';
import type { DesiredCertificate } from '../../pki/desired-certificate.ts';
import { handedOut, readIssued } from '../../pki/issue/issued.ts';
import { storeDirectory } from '../../pki/store/store-files.ts';
import { checkCrl, verifyStore } from '../../pki/verify/verify.ts';
import { checkNextCas, checkOthers } from '../../pki/verify/verify-others.ts';
import { unnamed } from '../../plan/leftovers.ts';
import {
  certificateFindingLines,
  certificateFindingsData,
} from '../../report/certificate-findings.ts';
import { withSession } from '../../run/session.ts';
import type { ArgumentsOf } from '../command.ts';
import type { certsVerifyOptions } from './options.ts';
import { verifyHosts } from './verify-hosts.ts';

/** Checks store, hosts and listeners against the inventory; throws a Failure when etcd would refuse anything. */
export async function certsVerify(args: ArgumentsOf<typeof certsVerifyOptions>): Promise<void> {
  const { inventory: path, json } = args;
  const { inventory, directory } = await readInventory(path);
  const store = storeDirectory(inventory, directory);
  const now = new Date();
  const { store: facts, rotation, peerRotation, crl, peerCrl } = await observePki(store);
  const named = {
    certificates: desiredCertificates(inventory),
    sharedClients: sharedClients(inventory),
  };
  // What members show whose layout is kept, somebody else has made, until it is rotated.
  const keeps = keepsLayout(inventory);
  const isTheirs = (one: DesiredCertificate) =>
    keeps && isShown(one) && !facts.certificates.has(one.id);
  const wanted = [
    ...named.certificates.filter((one) => !isTheirs(one)),
    ...named.sharedClients.filter(({ id }) => facts.certificates.has(id)),
  ];
  const lists = [
    ...(crl === undefined || facts.ca === undefined ? [] : checkCrl(crl, facts.ca.pem, now)),
    ...(peerCrl === undefined || facts.peerCa === undefined
      ? []
      : checkCrl(peerCrl, facts.peerCa.pem, now, 'peer-ca.crl')),
  ];
  const reaching = { ...args, needs: 'any-host' as const, withConsumers: true };
  const elsewhere =
    args.offline || wanted.length === 0
      ? []
      : await withSession(reaching, (session) => verifyHosts(session, facts, now));
  const others = checkOthers(
    unnamed(named, { store: facts }),
    facts,
    rotation,
    handedOut(
      await readIssued(store),
      facts,
      new Set(
        [crl, peerCrl].flatMap((list) =>
          (list?.fact.revoked ?? []).map(({ serial }) => serial.toLowerCase()),
        ),
      ),
      now,
    ),
    now,
  );
  const findings =
    wanted.length === 0
      ? []
      : [
          ...verifyStore(facts, wanted, now),
          ...checkNextCas(wanted, { client: rotation, peer: peerRotation }, store, now),
          ...others,
          ...lists,
          ...elsewhere,
        ];

  if (json) console.log(JSON.stringify(certificateFindingsData(findings, path), undefined, 2));
  else {
    for (const line of certificateFindingLines(findings, path)) console.log(line);
    if (findings.length === 0)
      console.log(`${store}: ${wanted.length} certificates, nothing wrong`);
    const apart = wanted.filter(({ keyPlace }) => keyPlace === 'host').length;
    if (args.offline && apart > 0)
      console.log(
        `the keys of ${apart} are on their hosts: whether they are there, only a run without --offline can tell`,
      );
  }
  const failed = new Set(
    findings.filter(({ severity }) => severity === 'fail').flatMap(({ about }) => about),
  );
  if (failed.size > 0) {
    throw new Failure('failed', `${store}: unfit: ${[...failed].join(', ')}`, {
      // Each finding has its own.
      next: [],
    });
  }
}
