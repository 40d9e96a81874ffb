import type { Problem } from '../../problem/problem.ts';
import { remedy } from '../../problem/remedy.ts';
import { bytesOf, SERVICE_DEFAULTS, SERVICE_SETTINGS } from '../../systemd/service-settings.ts';
import type { AdoptedMember } from './adoption.ts';
import { nameOf } from './name-of.ts';
import { alike, byValue, note, spoken } from './note.ts';

/** What the units of members say of resources, as an inventory has it. */
export interface ServiceFound {
  readonly service: Readonly<Record<string, string | number>>;
  readonly notes: readonly Problem[];
}

/** Further settings of resources than an inventory may have, which somebody chose and would miss. */
const RESOURCES =
  /^(Nice|CPU\w+|Memory\w+|IO\w+|BlockIO\w+|Tasks\w+|OOM\w+|Slice|Limit(?!CORE$)\w+)$/;

/** What all units say alike once; what an inventory cannot say, or has once for all, is named. */
export function serviceFound(members: readonly AdoptedMember[]): ServiceFound {
  const each = members.flatMap((member) =>
    member.found === undefined ? [] : [{ name: nameOf(member), said: settingsOf(member.found) }],
  );
  const notes: Problem[] = [];
  const service: Record<string, string | number> = {};
  for (const key of new Set(each.flatMap(({ said }) => [...said.keys()]))) {
    const values = byValue(
      each,
      ({ said }) => said.get(key) ?? '',
      ({ name }) => name,
    );
    const [[value] = ['']] = values;
    if (values.size > 1) notes.push(differs(key, values));
    else if (SERVICE_DEFAULTS.get(key) === value) continue;
    else {
      const why = whyLeft(key, value, each[0]?.said ?? new Map());
      if (why === undefined) service[key] = typed(value);
      else notes.push(...leftOut([...values.values()].flat(), `${key}=${value}`, why));
    }
  }
  return { service, notes };
}

/** The last word of its unit, and of drop-ins that go with it, on each setting of resources. */
function settingsOf({
  etcd: { unit, written },
}: NonNullable<AdoptedMember['found']>): ReadonlyMap<string, string> {
  const goes = (file: string) =>
    file === unit?.files[0] || file.startsWith(`/etc/systemd/system/${unit?.name}.d/`);
  return new Map(
    (written?.directives ?? []).flatMap(({ section, key, value, file }) =>
      section === 'Service' && goes(file) && (SERVICE_SETTINGS.has(key) || RESOURCES.test(key))
        ? [[key, value] as const]
        : [],
    ),
  );
}

function whyLeft(key: string, value: string, all: ReadonlyMap<string, string>): string | undefined {
  const setting = SERVICE_SETTINGS.get(key);
  if (setting === undefined) return 'it is none of those that an inventory may have';
  const bad = setting.whyBad(value);
  if (bad !== undefined) return `it ${bad}`;
  const most = bytesOf(all.get('MemoryMax') ?? '') ?? Number.POSITIVE_INFINITY;
  return /^Memory(Min|Low|High)$/.test(key) && (bytesOf(value) ?? 0) > most
    ? 'it is more than MemoryMax'
    : undefined;
}

function differs(key: string, values: ReadonlyMap<string, readonly string[]>): Problem {
  return note(
    'unit setting differs',
    [...values.values()].flat(),
    `${key} of their units differs: ${spoken(values)}; an inventory has one for all, and leaves it out`,
    { severity: 'warn', next: [remedy`put the one that is to count into etcd.service before up`] },
  );
}

function leftOut(names: readonly string[], line: string, why: string): readonly Problem[] {
  const each = names.map((name) =>
    note('unit setting', [name], `its unit says ${line}, and up leaves it out: ${why}`, {
      severity: 'warn',
    }),
  );
  return alike(each);
}

function typed(value: string): string | number {
  return /^-?\d+$/.test(value) && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
