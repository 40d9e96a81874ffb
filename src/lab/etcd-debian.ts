import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { copyPrograms, type EtcdSource } from './etcd-source.ts';
import { withPrivateApt } from './private-apt.ts';

/** Debian's releases stay with one etcd each; sid moves on. */
const SUITES: Readonly<Record<string, readonly string[]>> = {
  '3.3': ['bullseye'],
  '3.4': ['bookworm'],
};
const NEWER = ['trixie', 'sid'];

/** etcd from the packages of Debian bullseye (3.3.25), bookworm (3.4.23), trixie (3.5.16) or sid, without installing. */
export const fromDebian: EtcdSource = async (version, target, say) => {
  const suites = SUITES[version.split('.', 2).join('.')] ?? NEWER;
  say(`looking for etcd ${version} in Debian ${suites.join(', ')}`);
  return withPrivateApt(suites, async (apt) => {
    const offers = await apt.offers(['etcd-server', 'etcd-client']);
    const fitting = offers.filter((offer) => upstreamVersion(offer.version) === version);
    if (new Set(fitting.map((offer) => offer.package)).size < 2) {
      const there = [...new Set(offers.map((offer) => upstreamVersion(offer.version)))];
      return `Debian ${suites.join(', ')} has ${there.join(', ') || 'no etcd'}`;
    }
    const unpacked = `${target}.debian`;
    await apt.unpack(fitting, unpacked);
    await copyPrograms(join(unpacked, 'usr/bin'), target);
    await rm(unpacked, { recursive: true });
    return undefined;
  });
};

/** 3.3.25 of 3.3.25+dfsg-6+b6. */
export function upstreamVersion(debianVersion: string): string {
  return /^(?:\d+:)?([\d.]+)/.exec(debianVersion)?.[1] ?? debianVersion;
}
