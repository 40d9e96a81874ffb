import type { ProcessFact } from '../facts/host/unit.ts';

/** A member's process, and the unit file it will start with next. */
export interface NextStart {
  readonly name: string;
  readonly running: ProcessFact | undefined;
  readonly unitFile: string | undefined;
}

/** Members whose process was started with another version of its unit: what it says of the process counts from the next start. */
export function pendingUnits(members: readonly NextStart[]): readonly string[] {
  const pending = members.filter(({ running, unitFile }) => {
    const next = revisionOf(unitFile);
    return running !== undefined && next !== undefined && running.unit !== next;
  });
  if (pending.length === 0) return [];
  const names = pending.map(({ name }) => name).join(', ');
  return [
    `${names}: sandbox and limits of the unit file count from the next restart; nothing needs to be done now`,
  ];
}

/** Which version of itself a unit file tells the process it starts. */
export function revisionOf(unitFile = ''): string | undefined {
  return /^Environment=PROVISION_UNIT=(\w+)$/m.exec(unitFile)?.[1];
}
