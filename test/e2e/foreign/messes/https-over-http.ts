import { described, handOut, writeUnits } from '../layouts/ansible.ts';
import { onHost } from '../on-host.ts';
import { type Mess, plainCluster, write } from './mess.ts';

/** The playbook's second branch run over its first: units say https, the member list http, and nobody reaches anybody. */
export const httpsOverHttp: Mess = {
  name: 'https-over-http',
  how: 'the units were changed to https, the data were kept',
  says: /first record does not look like a TLS handshake/,
  make: async (site) => {
    const { nodes, cluster } = await plainCluster(site, '3.3.25');
    const written = await write(cluster.clients[0], 'kept', 10);
    for (const { host } of nodes)
      await onHost(host, 'systemctl stop etcd; systemctl disable -q etcd');
    const pairs = await handOut(nodes, site);
    await writeUnits(nodes, 'https');
    for (const { host } of nodes)
      await onHost(
        host,
        'systemctl daemon-reload; systemctl enable -q etcd; systemctl start --no-block etcd',
      );
    const broken = nodes.map(({ name }) => name);
    return { cluster: described(nodes, 'https', pairs), broken, written };
  },
};
