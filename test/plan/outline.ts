import { askedBy } from '../../src/plan/gate.ts';
import { type Lane, laneName } from '../../src/plan/lane.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { Step } from '../../src/plan/step.ts';
import { nextText } from '../../src/problem/render.ts';

/**
 * A plan as lines one can compare at a glance: a wave's title, who must still answer before it, what its lanes do and why,
 * its way back, its gate.
 * Lanes that do the same are one, named after all their hosts. Refused plans are their sentences.
 */
export function outline(plan: Pick<Plan, 'waves' | 'refusals'>): readonly string[] {
  plain(plan);
  const { waves, refusals } = plan;
  return [
    ...refusals.map(({ sentence, next }) => `refused: ${sentence} | next: ${nextText(next)}`),
    ...waves.flatMap(({ title, before = [], lanes, gate, undo }) => [
      title,
      ...(before.length === 0 ? [] : [`  before ${askedBy(before).join(' ')}`]),
      ...describeLanes(lanes),
      ...(undo.length === 0 ? [] : ['  or back:', ...describeLanes(undo)]),
      ...(gate.length === 0 ? [] : [`  gate ${askedBy(gate).join(' ')}`]),
    ]),
  ];
}

/** The lanes of a first start together: all but the first member, which the others ask first, give that one time. */
export function firstStart(steps: readonly string[]): readonly string[] {
  const wait =
    'await-peer etcd01 (a peer that listens and does not answer yet costs a first start a second)';
  const start = steps.findIndex((step) => step.startsWith('start-unit'));
  return [
    '  etcd01:',
    ...steps.map((step) => `    ${step}`),
    '  etcd02 etcd03:',
    ...steps.toSpliced(start, 0, wait).map((step) => `    ${step}`),
  ];
}

function describeLanes(lanes: readonly Lane[]): readonly string[] {
  const steps = lanes.map((lane) => lane.steps.map(describe).join('\n'));
  return [...new Set(steps)].flatMap((text) => [
    `  ${lanes
      .filter((_, index) => steps[index] === text)
      .map(laneName)
      .join(' ')}:`,
    ...text.split('\n').map((line) => `    ${line}`),
  ]);
}

function describe(step: Step): string {
  return `${step.kind}${subject(step)} (${step.because})`;
}

function subject(step: Step): string {
  switch (step.kind) {
    case 'issue-certificate':
    case 'certify-host-key':
      return ` ${step.certificate.id}`;
    case 'remove-store-keys':
      return ` ${step.certificates.join(' ')}`;
    case 'prepare-host':
      return ` ${step.directories.map(({ path }) => path).join(' ')}`;
    case 'write-files':
      return ` ${step.files.map(({ file }) => file.path).join(' ')}`;
    case 'upload':
      return ` ${step.binary.name} ${step.directory}`;
    case 'point-link':
      return ` ${step.link} ${step.target}`;
    case 'await-peer':
      return ` ${step.member}`;
    case 'move-aside':
      return ` ${step.path}`;
    default:
      return '';
  }
}

/** A value as JSON keeps it, without what is undefined. Throws a TypeError for what JSON does not keep. */
export function plain(value: unknown, path = 'plan'): unknown {
  if (value === null || ['string', 'boolean'].includes(typeof value)) return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map((one, at) => plain(one, `${path}[${at}]`));
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype)
    throw new TypeError(`${path} is lost in JSON`);
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) =>
      one === undefined ? [] : [[key, plain(one, `${path}.${key}`)]],
    ),
  );
}
