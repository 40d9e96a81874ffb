import { dirname } from 'node:path/posix';
import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import { writeFiles } from '../../host/write-files.ts';
import type { FormerStep } from '../../plan/former-step.ts';
import { sh } from '../../shell/command.ts';

/** Writes the guard of a unit of somebody else, and has systemd read it. Throws a HostError. */
export async function guardUnit(
  host: Host,
  { unit, path, content }: Extract<FormerStep, { kind: 'guard-unit' }>,
): Promise<void> {
  await writeFiles(host, [{ path, content, mode: 0o644, owner: 'root:root' }], {
    purpose: `guard ${unit}.service`,
    before: sh`(umask 022; mkdir -p ${dirname(path)})`,
    after: sh`systemctl daemon-reload`,
  });
}

/** Takes the guard away, and its directory where that was ours alone. Throws a HostError. */
export async function unguardUnit(
  host: Host,
  { path }: Extract<FormerStep, { kind: 'unguard-unit' }>,
): Promise<void> {
  await must(
    host,
    `remove ${path}`,
    sh`rm -f ${path} && { rmdir ${dirname(path)} 2>/dev/null || :; } && systemctl daemon-reload`,
  );
}
