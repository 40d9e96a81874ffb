import { availabilityOf } from '../../etcd/flags.ts';
import { whyAlike } from '../../etcd/flags-member.ts';
import { RESERVED_FLAGS } from '../../etcd/flags-reserved.ts';
import { type Mistake, mistakeAt } from '../mistake.ts';
import { nameOf } from '../path.ts';
import type { Rule, Subject } from './rule.ts';

/** What holds for the settings of one member beside what holds for settings of all. */
export const MEMBER_SETTING_RULES: readonly Rule[] = [
  {
    name: 'settings of one member are those that members may have each for itself',
    level: 'error',
    check: ({ inventory: { etcd, members } }) =>
      members.flatMap(({ settings }, at) =>
        Object.keys(settings).flatMap((flag) => {
          // What no member may set is told of by its own rule.
          const isFlag = availabilityOf(flag, etcd.version).kind === 'available';
          const why = isFlag && !RESERVED_FLAGS.has(flag) ? whyAlike(flag) : undefined;
          const complaint = `cannot be set for one member: ${flag} ${why}; set it in etcd.settings`;
          return why === undefined
            ? []
            : [mistakeAt(['members', at, 'settings', flag], complaint, true)];
        }),
      ),
  },
];

/** The rule about settings of all, held against what each member runs with too. */
export function ofMembersToo(rule: Rule): Rule {
  return {
    ...rule,
    check: (subject) => {
      const told = rule.check(subject);
      const isTold = ({ path }: Mistake) => told.some((one) => nameOf(one.path) === nameOf(path));
      return [
        ...told,
        ...subject.inventory.members.flatMap(({ settings }, at) => {
          const own = Object.keys(settings);
          if (own.length === 0) return [];
          return rule
            .check(asAll(subject, at))
            .filter((one) => own.includes(String(one.path[2])) || !isTold(one))
            .map((one) => relocated(one, at, own));
        }),
      ];
    },
  };
}

/** As if all members had the settings of this one. */
function asAll({ inventory, given }: Subject, at: number): Subject {
  const member = inventory.members[at];
  if (member === undefined) throw new TypeError(`no member ${at}`);
  const etcd = { ...inventory.etcd, settings: { ...inventory.etcd.settings, ...member.settings } };
  return { inventory: { ...inventory, etcd }, given };
}

function relocated(mistake: Mistake, at: number, own: readonly string[]): Mistake {
  const { path, complaint, atKey } = mistake;
  const [top, section, flag = ''] = path;
  if (complaint === undefined || top !== 'etcd' || section !== 'settings') return mistake;
  const place = ['members', at, 'settings'];
  // A flag of all members may be wrong only beside one of this member.
  return own.includes(String(flag))
    ? mistakeAt([...place, flag], complaint, atKey)
    : mistakeAt(place, `do not go with etcd.settings: ${flag} ${complaint}`, true);
}
