import { readHeader } from '../../desired/header.ts';
import type { Host } from '../../host/host.ts';
import { HOST_LOCK, LOCK_DIRECTORY } from '../../host/host-lock.ts';
import { writeFiles } from '../../host/write-files.ts';
import type { FileChange } from '../../plan/step.ts';
import { lines, sh } from '../../shell/command.ts';

const SECONDS = 60;

/**
 * Writes the files of a step. A file that names its cluster is written only where there is none, or one that was seen or
 * names the same cluster: another run may have claimed the path since. Throws a HostError, and then nothing is written.
 */
export async function writeOwnFiles(host: Host, changes: readonly FileChange[]): Promise<void> {
  const files = changes.map(({ file }) => file);
  const claims = changes.flatMap(({ file, before }) => {
    const header = readHeader(file.content);
    // What was seen without a header was found to be this cluster's in another way.
    if (header === undefined || (before !== undefined && readHeader(before) === undefined))
      return [];
    return [{ path: file.path, line: `# provision: cluster ${header.cluster}, member ` }];
  });
  if (claims.length === 0) return writeFiles(host, files);
  await writeFiles(host, files, {
    purpose: `write ${files.map(({ path }) => path).join(', ')}`,
    before: lines([
      sh`[ -d ${LOCK_DIRECTORY} ] || mkdir -p ${LOCK_DIRECTORY}
exec 8>>${HOST_LOCK}
flock -w ${SECONDS} 8`,
      ...claims.map(
        ({ path, line }) =>
          sh`[ ! -e ${path} ] || grep -qsF -e ${line} ${path} || { echo ${`${path}: somebody else has written it since it was looked at`} >&2; exit 1; }`,
      ),
    ]),
    after: sh`:`,
  });
}
