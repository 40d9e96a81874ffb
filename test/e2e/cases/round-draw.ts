/** What a round does. */
export type Operation =
  | 'migrate-snapshot'
  | 'restore-from'
  | 'restore-from-member'
  | 'restore-undo'
  | 'migrate-live'
  | 'up-setting';

export type Fault = 'operator killed' | 'host dies' | 'link down' | 'ssh cut' | 'start not ready';

/** When what was lost comes back; for an operator that was killed, what happens before the command is typed again. */
export const MOMENTS = {
  host: ['before put back', 'after put back', 'after opened', 'after writes', 'during the rerun'],
  operator: ['at once', 'after writes', 'one host reboots', 'all reboot', 'reboot in the rerun'],
} as const;

/** One seeded draw. */
export interface Draw {
  readonly seed: number;
  readonly operation: Operation;
  readonly fault: Fault;
  /** The fault strikes when so many steps are done. */
  readonly step: number;
  /** Index into MOMENTS. */
  readonly moment: number;
  /** Index of the host that is struck. */
  readonly victim: number;
}

const OPERATIONS: readonly (readonly [Operation, weight: number, steps: number])[] = [
  ['migrate-snapshot', 8, 46],
  ['restore-from', 4, 36],
  ['restore-from-member', 2, 36],
  ['restore-undo', 3, 18],
  ['migrate-live', 2, 34],
  ['up-setting', 1, 12],
];
const FAULTS: readonly (readonly [Fault, weight: number])[] = [
  ['operator killed', 4],
  ['host dies', 4],
  ['link down', 2],
  ['ssh cut', 2],
  ['start not ready', 3],
];
const STARTS_TOGETHER: readonly Operation[] = [
  'migrate-snapshot',
  'restore-from',
  'restore-from-member',
];

/** The round of this seed: always the same. */
export function draw(seed: number): Draw {
  const random = mulberry32(seed);
  const [operation, , steps] = weighted(random, OPERATIONS);
  const [fault] = weighted(
    random,
    FAULTS.filter(([one]) => one !== 'start not ready' || STARTS_TOGETHER.includes(operation)),
  );
  const [step, moment, victim] = [1 + below(random, steps), below(random, 5), below(random, 3)];
  return { seed, operation, fault, step, moment, victim };
}

/** The draw in one line. */
export function describeDraw({ seed, operation, fault, step, moment, victim }: Draw): string {
  const when = MOMENTS[fault === 'operator killed' ? 'operator' : 'host'][moment];
  return `seed=${seed} ${operation}, ${fault} at step ${step}, host ${victim + 1}, back ${when}`;
}

function weighted<Row extends readonly [unknown, number, ...unknown[]]>(
  random: () => number,
  rows: readonly Row[],
): Row {
  let left = below(
    random,
    rows.reduce((sum, [, weight]) => sum + weight, 0),
  );
  for (const row of rows) {
    left -= row[1];
    if (left < 0) return row;
  }
  throw new RangeError('no weights');
}

function below(random: () => number, limit: number): number {
  return Math.floor(random() * limit);
}

function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
