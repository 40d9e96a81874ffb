import { Failure } from '../../failure/failure.ts';
import { type CertificateFact, inspectCertificate } from '../../pki/verify/inspect.ts';
import { type Command, sh } from '../../shell/command.ts';
import type { Fact } from '../fact.ts';

export interface FileFact {
  readonly mode: number;
  /** `user:group` */
  readonly owner: string;
  /** Seconds since 1970 by the host's clock. */
  readonly modifiedAt: number;
  readonly content: string;
  /** What really stands there, where it is read as what it stands for: the file of a cluster that is taken over. */
  readonly original?: string | undefined;
}

/** What really stands in a file; undefined where there is none. */
export function contentThere(file: FileFact): string | undefined {
  return 'original' in file ? file.original : file.content;
}

/** A small text file, or undefined where there is none. */
export const fileFact = (path: string): Fact<FileFact | undefined> => ({
  ask: sh`[ -f ${path} ] && stat -c '%a %U:%G %Y' ${path} && head -c 1048576 ${path}`,
  read({ exitCode, stdout }) {
    if (exitCode !== 0) return undefined;
    const end = stdout.indexOf('\n');
    const [mode = '', owner = '', modifiedAt = ''] = stdout.slice(0, end).split(' ');
    return {
      mode: Number.parseInt(mode, 8),
      owner,
      modifiedAt: Number(modifiedAt),
      content: stdout.slice(end + 1),
    };
  },
});

export interface PkiFact {
  /** What the pki link points at. */
  readonly target: string | undefined;
  readonly files: ReadonlyMap<string, PkiFileFact>;
}

export interface PkiFileFact {
  readonly mode: number;
  readonly owner: string;
  readonly sha256: string;
  /** Seconds since 1970 by the host's clock. */
  readonly modifiedAt: number;
}

/** Sets `sums` to the checksums of all files behind the link to the certificates, once for all who want to know of them. */
export function sumFiles(link: string): Command {
  return sh`sums=$(
  cd ${link}/ || exit
  set --
  for file in *; do [ ! -f "$file" ] || set -- "$@" "$file"; done
  [ $# -eq 0 ] || sha256sum -- "$@"
)`;
}

/** The certificates a host has, without their contents. */
export const pkiFact = (link: string): Fact<PkiFact> => ({
  first: [sumFiles(link)],
  ask: sh`readlink ${link} || echo
cd ${link}/ || exit 0
set --
for file in *; do [ ! -f "$file" ] || set -- "$@" "$file"; done
[ $# -gt 0 ] || exit 0
printf '%s\\n' "$sums"
stat -L -c '%a|%U:%G|%Y|%n' -- "$@"`,
  read({ stdout }) {
    const [target = '', ...rows] = stdout.split('\n');
    // sha256sum puts a backslash before the line of a name it had to escape; such a file is none of ours.
    const sums = new Map(rows.map((row) => [row.slice(66), row.slice(0, 64)]));
    const files = rows
      .map((row) => row.split('|'))
      .flatMap(([mode = '', owner = '', modifiedAt = '', name = '']) => {
        const sha256 = sums.get(name);
        if (name === '' || sha256 === undefined) return [];
        return [
          [
            name,
            { mode: Number.parseInt(mode, 8), owner, sha256, modifiedAt: Number(modifiedAt) },
          ] as const,
        ];
      });
    return { target: target === '' ? undefined : target, files: new Map(files) };
  },
});

/** What a certificate file says, or the Failure that says why it cannot be read; undefined where there is none. */
export const certificateFact = (path: string): Fact<CertificateFact | Failure | undefined> => ({
  ask: sh`[ -f ${path} ] && head -c 65536 ${path}`,
  read({ exitCode, stdout }) {
    if (exitCode !== 0) return undefined;
    try {
      return inspectCertificate(stdout, path);
    } catch (error) {
      if (error instanceof Failure) return error;
      throw error;
    }
  },
});
