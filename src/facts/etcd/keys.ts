import type { DesiredKeys } from '../../desired/host-keys.ts';
import { genpkeyWords } from '../../pki/keys/genpkey.ts';
import { sh } from '../../shell/command.ts';
import type { Fact } from '../fact.ts';
import { sumFiles } from '../host/file.ts';

/** The private keys a host has for one member or consumer, and whether it could make more. */
export interface KeysFact {
  /** Checksums of their files: installed, once installed, or waiting for that. */
  readonly sha256: ReadonlySet<string>;
  /** Why its openssl makes no key, in its own words; undefined when it does, or is not needed. */
  readonly complaint: string | undefined;
}

const COMPLAINT = 'openssl: ';

/** The keys behind the link to the certificates, beside it and in waiting; their contents stay where they are. */
export const keysFact = (link: string, { place, kind, directory }: DesiredKeys): Fact<KeysFact> => {
  // Making a large RSA key takes seconds, which is too long for a question.
  const attempt =
    kind.algo === 'rsa' ? sh`openssl version` : sh`openssl genpkey ${genpkeyWords(kind)}`;
  return {
    first: [sumFiles(link)],
    ask: sh`while IFS= read -r line; do
  case $line in *.key) printf '%s\\n' "$line" ;; esac
done <<END
$sums
END
set --
for key in ${directory}/*.key ${link}.*/*.key; do [ ! -f "$key" ] || [ "\${key%/*}" -ef ${link} ] || set -- "$@" "$key"; done
[ $# -eq 0 ] || sha256sum -- "$@"
${
  place === 'host'
    ? sh`if ! command -v openssl >/dev/null; then echo ${`${COMPLAINT}it is not installed`}
else said=$(${attempt} 2>&1 >/dev/null) || printf '%s%s\n' ${COMPLAINT} "$(printf '%s\n' "$said" | grep . | tail -n 1)"; fi`
    : sh`:`
}`,
    read({ stdout }) {
      const lines = stdout.split('\n');
      const said = lines.find((line) => line.startsWith(COMPLAINT))?.slice(COMPLAINT.length, 300);
      return {
        sha256: new Set(lines.flatMap((line) => /^[0-9a-f]{64}(?= )/.exec(line)?.[0] ?? [])),
        complaint: said === '' ? 'it fails, without a word' : said,
      };
    },
  };
};
