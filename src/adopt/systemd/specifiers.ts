/** What `%…` stands for in the files of one unit on one host. */
export interface Specifiers {
  /** With its ending: `etcd@main.service`. */
  readonly unit: string;
  readonly hostName: string;
  readonly machineId: string;
  /** Account and home of whoever runs the manager: root, for units of the system. */
  readonly fragment: string;
}

/** The text with its specifiers filled in (systemd.unit(5), "Specifiers"); those that are not known here stay. */
export function withSpecifiers(text: string, of: Specifiers): string {
  const whole = of.unit.replace(/\.[a-z]+$/, '');
  const at = whole.indexOf('@');
  const [prefix, instance] = at === -1 ? [whole, ''] : [whole.slice(0, at), whole.slice(at + 1)];
  const known: Readonly<Record<string, string>> = {
    ...{ n: of.unit, N: whole, p: prefix, P: unescapedName(prefix), i: instance },
    ...{ I: unescapedName(instance), H: of.hostName, l: of.hostName.split('.', 1)[0] ?? '' },
    ...{ j: prefix.slice(prefix.lastIndexOf('-') + 1), m: of.machineId, y: of.fragment },
    J: unescapedName(prefix.slice(prefix.lastIndexOf('-') + 1)),
    ...{ S: '/var/lib', C: '/var/cache', L: '/var/log', E: '/etc', t: '/run', T: '/tmp' },
    ...{ V: '/var/tmp', u: 'root', U: '0', g: 'root', G: '0', h: '/root', '%': '%' },
    f: instance === '' ? `/${unescapedName(prefix)}` : `/${unescapedName(instance)}`,
  };
  return text.replaceAll(/%(.)/g, (all, letter: string) => known[letter] ?? all);
}

/** `a-b\x2dc` is `a/b-c` (systemd-escape(1)). */
function unescapedName(name: string): string {
  return name
    .replaceAll('-', '/')
    .replaceAll(/\\x([0-9a-f]{2})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    );
}
