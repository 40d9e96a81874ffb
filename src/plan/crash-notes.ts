import { observed } from '../observed/observed.ts';
import type { Decision } from './decision.ts';
import { startsTogether } from './waves.ts';

/** From so many starts by systemd itself on it is a crash loop, and not one mishap. */
const LOOP = 3;

/** Members that a plan starts although their units ended by themselves: another start alone is no cure. */
export function crashNotes({ desired, seen, members, alive }: Decision): readonly string[] {
  return observed(desired, seen).seen.flatMap(({ name, found: { unit, etcd } }) => {
    const own = members.find((member) => member.name === name);
    if (own === undefined || !startsTogether(own, alive) || etcd.healthy) return [];
    const how =
      unit.active === 'failed'
        ? `has failed (${unit.result})`
        : unit.restarts >= LOOP
          ? `ended by itself and was started again ${unit.restarts} times`
          : undefined;
    if (how === undefined) return [];
    return [
      `${name}: ${desired.unit}.service ${how}; where this plan does not change what ended it, it ends again: doctor says why it did`,
    ];
  });
}
