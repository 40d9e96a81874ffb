import { createHash } from 'node:crypto';
import type { Host } from '../host/host.ts';
import type { HostLane } from '../plan/lane.ts';
import type { HostStep } from '../plan/step.ts';
import { type Command, lines, sh } from '../shell/command.ts';

/**
 * Whether a host is still as a way back would make it: what failed there has changed nothing. False where the way back says
 * of nothing how it was, or where the host cannot be asked.
 */
export async function isUntouched({ steps }: HostLane, host: Host): Promise<boolean> {
  const questions = steps.flatMap(question);
  if (questions.length === 0) return false;
  try {
    return (await host.run(lines(questions))).exitCode === 0;
  } catch {
    // Who is not there to answer is not known to be as before.
    return false;
  }
}

function question(step: HostStep): readonly Command[] {
  switch (step.kind) {
    case 'write-files':
      return step.files.map(({ file: { path, content } }) => {
        const sum = createHash('sha256').update(content).digest('hex');
        return sh`[ "$(sha256sum < ${path})" = ${`${sum}  -`} ] || exit 1`;
      });
    case 'restore-certificates':
      return [sh`[ "$(readlink ${step.link})" = ${step.target} ] || exit 1`];
    case 'point-link':
      return [sh`[ "$(readlink ${step.link})" = ${step.target} ] || exit 1`];
    default:
      return [];
  }
}
