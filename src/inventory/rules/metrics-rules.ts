import { isIP } from 'node:net';
import { type Mistake, mistakeAt } from '../mistake.ts';
import type { Rule } from './rule.ts';

const FLAG = 'listen-metrics-urls';

/** What holds for where etcd serves metrics, apart from its client port. */
export const METRICS_RULES: readonly Rule[] = [
  {
    name: 'metrics are served at a free IP address',
    level: 'error',
    check: ({ inventory: { etcd, protocol } }) => {
      const { ports, settings } = etcd;
      const urls = String(settings[FLAG] ?? '').split(',');
      return urls
        .filter((one) => /^\w+:\/\//.test(one))
        .flatMap((one) => {
          const [, scheme = '', host = '', port, path = ''] =
            /^(\w+):\/\/(\[[^\]]*\]|[^:/]*)(?::([^/]*))?(.*)$/.exec(one) ?? [];
          // It would lie in the working directory of the unit, /, where etcd must not write.
          if (scheme.startsWith('unix'))
            return at(`${one} is a socket file; name an IP address and a port`);
          // embed/etcd.go: there is no certificate to serve it with.
          if (scheme === 'https' && protocol === 'http')
            return at(`${one} needs protocol: https; etcd would not start`);
          if (isIP(host.replaceAll(/[[\]]/g, '')) === 0)
            return at(`${one} names no IP address; etcd binds nothing else`);
          if (urls.indexOf(one) !== urls.lastIndexOf(one)) return at(`names ${one} twice`);
          if (path !== '') return at(`${one} holds a path`);
          if (port === undefined) return at(`${one} names no port`);
          if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535)
            return at(`${one} names no port from 1 to 65535`);
          return Number(port) === ports.client || Number(port) === ports.peer
            ? at(`${one} is at a port that etcd.ports uses`)
            : [];
        });
    },
  },
];

function at(complaint: string): readonly Mistake[] {
  const path = ['etcd', 'settings', FLAG];
  return [mistakeAt(path, complaint)];
}
