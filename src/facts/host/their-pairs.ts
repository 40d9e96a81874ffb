import { lines, sh } from '../../shell/command.ts';
import type { Fact } from '../fact.ts';
import type { PkiFileFact } from './file.ts';

/** A file that somebody else has put there, links resolved. */
export interface TheirFile extends PkiFileFact {
  readonly path: string;
}

export interface TheirPair {
  readonly certificate: TheirFile;
  readonly key: TheirFile;
}

/** By what they are to members: shown to clients, and to other members. */
export type TheirPairs = ReadonlyMap<'server' | 'peer', TheirPair>;

const VARIABLES = [
  ['server', 'ETCD_CERT_FILE', 'ETCD_KEY_FILE'],
  ['peer', 'ETCD_PEER_CERT_FILE', 'ETCD_PEER_KEY_FILE'],
] as const;

/** The certificates and keys that a process was told to show; those that are not there are left out. */
export const theirPairsFact = (given: ReadonlyMap<string, string>): Fact<TheirPairs> => ({
  ask: lines(
    VARIABLES.flatMap((names) => {
      const [certificate = '', key = ''] = names.slice(1).map((name) => given.get(name));
      if (!certificate.startsWith('/') || !key.startsWith('/')) return [sh`printf '\n\n'`];
      return [certificate, key].map(
        (path) =>
          sh`{ stat -L -c '%a|%U:%G|%Y' ${path} && sha256sum < ${path} && readlink -f ${path}; } 2>/dev/null | tr '\n' '|'; echo`,
      );
    }),
  ),
  read({ stdout }) {
    const files = stdout.split('\n').map(fileIn);
    return new Map(
      VARIABLES.flatMap(([row], at) => {
        const [certificate, key] = [files[at * 2], files[at * 2 + 1]];
        return certificate && key ? [[row, { certificate, key }] as const] : [];
      }),
    );
  },
});

function fileIn(line: string): TheirFile | undefined {
  const [, mode = '', owner = '', modifiedAt = '', sha256 = '', path] =
    /^(\d+)\|([^|]+)\|(\d+)\|([0-9a-f]{64}) {2}-\|(\/[^|]*)\|$/.exec(line) ?? [];
  return path === undefined
    ? undefined
    : { mode: Number.parseInt(mode, 8), owner, modifiedAt: Number(modifiedAt), sha256, path };
}

/** The same as the files of a directory of ours would be called. */
export function asOurFiles(pairs: TheirPairs): readonly (readonly [string, TheirFile])[] {
  return [...pairs].flatMap(([row, { certificate, key }]) => [
    [`${row}.crt`, certificate] as const,
    [`${row}.key`, key] as const,
  ]);
}

/** Whether a certificate is one that a member shows: those lie where somebody else has put them. */
export function isShown<One extends { readonly row: string }>(
  certificate: One,
): certificate is One & { readonly row: 'server' | 'peer' } {
  return certificate.row === 'server' || certificate.row === 'peer';
}

/** Whether one file is shown to clients and to other members alike. */
export function isShared(pairs: TheirPairs | undefined): boolean {
  const server = pairs?.get('server')?.certificate.path;
  return server !== undefined && server === pairs?.get('peer')?.certificate.path;
}
