import type { LabHost } from '../../../src/lab/host.ts';
import { onHost, put, putPrograms } from './on-host.ts';

/** A container as a runtime starts one; the lab has none, so this does the same by hand. */
export interface Container {
  /** 64 hexadecimal digits. */
  readonly id: string;
  /** Its control group, as the runtime asks systemd for it. */
  readonly slice: string;
  readonly scope: string;
  /** Where its root lies on the host. */
  readonly root: string;
  readonly version: string;
  /** Directories of the host and where the container has them. */
  readonly mounts: readonly (readonly [host: string, inside: string])[];
  readonly command: readonly string[];
  readonly log: string;
}

/**
 * Starts etcd with a root, mounts and process ids of its own, in the host's network and in a scope of systemd's, beside
 * every unit. Nobody starts it again.
 */
export async function runContainer(host: LabHost, container: Container): Promise<void> {
  const { root, mounts, version, slice, scope, command, log } = container;
  await putPrograms(host, version, `${root}/usr/local/bin`);
  // An image of etcd has nothing else; what the lab's programs are linked with comes along.
  await onHost(
    host,
    `mkdir -p ${root}/proc ${root}/dev ${root}/etc $(dirname ${log}); touch ${root}/dev/null
for library in $(ldd ${root}/usr/local/bin/etcd | grep -o '/[^ ]*'); do cp -L --parents $library ${root}; done`,
  );
  const binds = mounts.map(([from, to]) => {
    const target = `${root}${to}`;
    return `mkdir -p ${from} ${target} && mount --bind ${from} ${target} && `;
  });
  const script = `${binds.join('')}mount --bind /dev/null ${root}/dev/null && mount -t proc proc ${root}/proc && exec env -i PATH=/usr/local/bin:/usr/bin:/bin /usr/sbin/chroot ${root} ${command.join(' ')}
`;
  await put(host, `${root}.sh`, script);
  const inScope = `systemd-run --quiet --scope --slice=${slice} --unit=${scope} unshare --mount --pid --fork --kill-child sh ${root}.sh`;
  const begun = `for looks in $(seq 100); do systemctl is-active --quiet ${scope} && exit; sleep 0.1; done; exit 1`;
  const shim = `${inScope} > ${log} 2>&1 & ${begun}`;
  await onHost(
    host,
    `systemd-run --quiet --collect --wait sh -c '${shim}' || { cat ${log}; exit 1; }`,
  );
}
