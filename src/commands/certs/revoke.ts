import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Failure } from '../../failure/failure.ts';
import type { Authority } from '../../pki/ca/authority.ts';
import { readSerial } from '../../pki/encoding/serial.ts';
import { observeStore } from '../../pki/store/store.ts';
import { caOf, type StoreFacts } from '../../pki/store/store-facts.ts';
import { inspectCertificate } from '../../pki/verify/inspect.ts';
import { type Intent, planFor } from '../../plan/intent.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { days } from '../../report/days.ts';
import { agreed } from '../../run/ask.ts';
import { changeCluster } from '../../run/change-cluster.ts';
import { withOperation } from '../../run/operation.ts';
import { REVOKED_BY_ALL, tellAway } from '../../run/without-hosts.ts';
import type { ArgumentsOf } from '../command.ts';
import type { certsRevokeOptions } from './options.ts';

type RevokeArguments = ArgumentsOf<typeof certsRevokeOptions>;

/** Makes every member refuse a certificate from its next handshake on. */
export async function certsRevoke(args: RevokeArguments): Promise<void> {
  const hours = days(args.valid) * 24;
  await withOperation(
    { ...args, whenUnreachable: tellAway(REVOKED_BY_ALL), command: 'certs-revoke' },
    async (operation) => {
      const { desired, store, stop } = operation;
      const { serial, signedBy } = args.renew ? NOTHING : await serialOf(args, store);
      const date = new Date().toISOString();
      const revocations = serial === undefined ? [] : [{ serial, date, reason: args.reason }];
      const { allowDowntime } = args;
      const intent: Intent<'revoke'> = {
        ...{ kind: 'revoke', revocations, signedBy, hours, allowDowntime },
      };
      const remaining: Intent<'converge'> = { kind: 'converge', allowDowntime };
      await changeCluster(operation, args, {
        plan: (facts) => planFor(desired, facts, intent),
        remaining: (facts) => planFor(desired, facts, remaining),
        confirm: async ({ cluster }) => {
          const what = serial === undefined ? 'Renew the revocation list' : `Revoke ${serial}`;
          if (!args.yes) await agreed(`${what} of ${cluster}?`, stop);
        },
      });
    },
  );
}

interface Meant {
  readonly serial?: string;
  /** Which CA of the store has signed it, where only the file tells. */
  readonly signedBy?: Authority | undefined;
}

const NOTHING: Meant = {};

function signerOf(certificate: string, store: StoreFacts): Authority | undefined {
  const x509 = new X509Certificate(certificate);
  return (['client', 'peer'] as const).find((authority) => {
    const ca = caOf(store, { authority });
    return ca !== undefined && x509.verify(new X509Certificate(ca.pem).publicKey);
  });
}

/** The serial number that was meant: given as such, of a file, or of a certificate of the store. */
async function serialOf({ serial, file, id }: RevokeArguments, store: string): Promise<Meant> {
  const given = [serial, file, id].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw new Failure(
      'usage',
      'say which certificate is to be revoked: one of --serial, --file, --id',
      {
        next: [
          remedy`${provision('certs', 'revoke', INVENTORY, '--file', 'client.pem')}; or --renew for a new list only`,
        ],
      },
    );
  }
  if (serial !== undefined) {
    const number = readSerial(serial);
    if (number !== undefined) return { serial: number };
    throw new Failure('usage', `${serial}: is not a serial number in hexadecimal`, {
      next: [
        remedy`${provision('certs', 'list', INVENTORY, '--json')} shows those of the store; or name the certificate: --file client.pem`,
      ],
    });
  }
  if (file !== undefined) {
    const text = await readFile(file, 'utf8').catch((cause: unknown) => {
      throw new Failure('usage', `${file}: cannot be read`, {
        cause,
        next: [remedy`name a file that exists and that you may read`],
      });
    });
    const fact = inspectCertificate(text, file);
    return { serial: fact.serial, signedBy: signerOf(text, await observeStore(store)) };
  }
  const { certificates } = await observeStore(store);
  const found = certificates.get(id ?? '');
  if (found !== undefined) return { serial: found.fact.serial };
  throw new Failure('usage', `${store} has no certificate ${id}`, {
    next: [remedy`it has ${[...certificates.keys()].join(', ')}`],
  });
}
