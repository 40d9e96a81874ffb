import { nearest } from '../inventory/nearest.ts';

/** Words that people type at tools like this one, and what does that here. */
const MEANT: Readonly<Record<string, string>> = {
  ...same(
    'provision up INVENTORY makes the hosts match the inventory',
    ...['apply', 'bootstrap', 'converge', 'create', 'deploy', 'install', 'run', 'setup', 'start'],
  ),
  ...same('provision plan INVENTORY shows what up would do', 'diff', 'dry-run', 'preview', 'show'),
  ...same(
    'provision status INVENTORY shows members, leader and certificates',
    ...['cluster', 'get', 'health', 'info', 'list', 'ls', 'member', 'members', 'ps', 'top'],
  ),
  ...same(
    'provision doctor INVENTORY says why a cluster is broken',
    ...['debug', 'diagnose', 'fix', 'heal', 'logs', 'repair', 'why'],
  ),
  ...same('provision check INVENTORY looks at hosts before up', 'lint', 'preflight', 'validate'),
  ...same('provision snapshot save INVENTORY takes a snapshot', 'backup', 'dump', 'save', 'snap'),
  ...same(
    'provision certs lists what can be done with certificates; certs rotate INVENTORY renews them',
    ...['ca', 'cert', 'certificates', 'pki', 'renew', 'rotate'],
  ),
  ...same(
    'provision migrate INVENTORY --to https switches the protocol',
    'convert',
    'switch',
    'tls',
  ),
  ...same('provision init inventory.yaml writes an inventory to start from', 'generate', 'new'),
  ...same('provision history INVENTORY shows who did what', 'audit', 'log'),
  ...same('provision lock status INVENTORY shows who works on the cluster', 'unlock'),
  ...same(
    'provision etcdctl INVENTORY -- ARGUMENTS runs etcdctl',
    ...['alarm', 'auth', 'compact', 'ctl', 'defrag', 'endpoint', 'etcd', 'exec', 'move-leader'],
    ...['put', 'role', 'user', 'users'],
  ),
  ...same(
    'set etcd.version in the inventory and run provision up INVENTORY: members restart one by one',
    ...['update', 'upgrade'],
  ),
  ...same(
    'provision up INVENTORY restarts members that need it, one by one; certs rotate --restart restarts all',
    ...['reload', 'restart', 'roll', 'rolling-restart'],
  ),
  ...same(
    'provision adopt HOST… describes a cluster that something else made as an inventory',
    ...['import', 'takeover'],
  ),
  ...same(
    'members cannot be added or removed yet; provision --help lists what there is',
    ...['add', 'join', 'leave', 'replace', 'scale'],
  ),
  ...same('provision --version', 'version'),
};

/** Commands that stop a cluster or replace its data: only a slip of the finger is taken for one of them. */
const GRAVE = ['down', 'migrate', 'restore'];

/** What somebody who typed this word most likely wants, as a sentence; never a command that stops or replaces. */
export function suggestedCommand(word: string, names: readonly string[]): string {
  const known = MEANT[word.toLowerCase()];
  if (Object.hasOwn(MEANT, word.toLowerCase()) && known !== undefined) return known;
  const near = nearest(word, names);
  const isSlip = near !== undefined && word[0] === near[0] && sameLetters(word, near);
  if (near === undefined || (GRAVE.includes(near) && !isSlip))
    return 'provision --help lists the commands';
  return `did you mean provision ${near}?`;
}

function same(meaning: string, ...words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(words.map((word) => [word, meaning]));
}

/** Whether two words differ by the order of their letters, or by one that is missing, too many or doubled. */
function sameLetters(word: string, other: string): boolean {
  const [shorter = [], longer = []] = [[...word], [...other]].sort((a, b) => a.length - b.length);
  const left = [...longer];
  for (const letter of shorter) {
    const at = left.indexOf(letter);
    if (at < 0) return false;
    left.splice(at, 1);
  }
  return left.length <= 1;
}
