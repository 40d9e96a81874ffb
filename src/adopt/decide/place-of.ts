import type { Problem } from '../../problem/problem.ts';
import { remedy } from '../../problem/remedy.ts';
import type { AdoptedMember } from './adoption.ts';
import { nameOf } from './name-of.ts';
import { note } from './note.ts';
import { isLoopbackHost, partedUrl, partedUrls } from './urls.ts';

/** Where a member is, as an inventory has it. */
export interface Place {
  readonly address: string;
  readonly addresses: readonly string[];
  /** Undefined where it binds the address that it advertises. */
  readonly listen: string | undefined;
  readonly cannot: readonly Problem[];
  readonly notes: readonly Problem[];
}

/** Where a member is by the URLs that the cluster knows it by, and where it listens. */
export function placeOf(member: AdoptedMember): Place {
  const { listed, found } = member;
  const name = nameOf(member);
  const cannot: Problem[] = [];
  const notes: Problem[] = [];
  const [first = '', ...further] = listed.peerUrls;
  const peer = partedUrl(first);
  if (peer === undefined)
    cannot.push(
      note('peer URL', [name], `its peer URL ${first || '(none)'} has no address and port`, {
        severity: 'fail',
      }),
    );
  if (further.length > 0)
    cannot.push(
      note(
        'several peer URLs',
        [name],
        `the list has several peer URLs for it, and an inventory has one: ${listed.peerUrls.join(', ')}`,
        {
          severity: 'fail',
          next: [
            remedy`leave the one that all members reach: etcdctl member update ${listed.id} --peer-urls=${first}`,
          ],
        },
      ),
    );
  const address = peer?.host ?? '';
  const clients = listed.clientUrls.flatMap((one) => partedUrl(one) ?? []);
  const others = [...new Set(clients.map(({ host }) => host))].filter((host) => host !== address);
  const addresses = others.filter((host) => !isLoopbackHost(host));
  if (others.length > 0)
    notes.push(
      note(
        'client URL',
        [name],
        `advertises ${listed.clientUrls.join(', ')} to clients; up advertises its address ${address} alone`,
        { severity: 'warn' },
      ),
    );
  if (clients.some(({ port }) => port === peer?.port && peer !== undefined))
    notes.push(
      note(
        'client URL at the peer port',
        [name],
        'advertises its peer port to clients: nobody who follows the list reaches it; up mends that',
        { severity: 'warn' },
      ),
    );
  const settings = found?.etcd.running?.settings ?? found?.etcd.filed?.settings;
  const bound = [
    ...partedUrls(settings?.get('listen-peer-urls')?.value),
    ...partedUrls(settings?.get('listen-client-urls')?.value),
  ];
  const hosts = [...new Set(bound.map(({ host }) => host))].filter((host) => !isLoopbackHost(host));
  const whole = hosts.find((host) => host === '0.0.0.0' || host === '::');
  const listen = whole ?? (hosts.includes(address) ? undefined : hosts[0]);
  const more = hosts.filter((host) => host !== (listen ?? address));
  if (whole === undefined && more.length > 0)
    notes.push(
      note(
        'further listeners',
        [name],
        `listens at ${more.join(', ')} too; up binds ${listen ?? address} and 127.0.0.1 alone`,
        { severity: 'warn', next: [remedy`set listen: 0.0.0.0 where clients use them`] },
      ),
    );
  notes.push(...loopbackNotes(name, listed.clientUrls, settings?.get('listen-client-urls')?.value));
  return { address, addresses, listen, cannot, notes };
}

/** A listener in clear text on loopback beside https is what local scripts use, and ends. */
function loopbackNotes(
  name: string,
  advertised: readonly string[],
  listened: string | undefined,
): readonly Problem[] {
  const plain = partedUrls(listened).filter(
    ({ protocol, host }) => protocol === 'http' && isLoopbackHost(host),
  );
  const isSecure = advertised.some((url) => url.startsWith('https:'));
  if (!isSecure || plain.length === 0) return [];
  return [
    note(
      'clear text on loopback',
      [name],
      `serves http at ${plain.map(({ host, port }) => `${host}:${port}`).join(', ')} beside https; up ends that`,
      { severity: 'warn', next: [remedy`give what uses it there a certificate first`] },
    ),
  ];
}
