import * as z from 'zod';
import type { DesiredCluster } from '../desired/cluster.ts';
import { intentPath } from '../desired/restoring.ts';
import type { Fact } from './fact.ts';
import { fileFact } from './file.ts';
import type { RestoreIntent } from './restore-intent.ts';

// It is printed in advice, so no line of it may end early.
const printed = z.string().regex(/^\P{Cc}+$/u);

const schema: z.ZodType<RestoreIntent> = z.object({
  cluster: z.string(),
  unit: z.string().optional(),
  token: z.string(),
  clusterId: z.string(),
  snapshot: z.string(),
  bumpRevision: z.number(),
  began: z.string().regex(/^\d{8}T\d{6}Z$/),
  ran: z.boolean(),
  served: z.boolean(),
  order: z
    .object({
      command: z.array(printed).min(1),
      who: printed,
      from: z.enum(['http', 'https']).optional(),
    })
    .optional()
    // Who began it is worth less than that it was begun.
    .catch(undefined),
});

/** The intent in the text; one that was not written by this program counts as none. */
export function readIntent(text: string | undefined): RestoreIntent | undefined {
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    // Damaged, or of another version of this program: a fresh one is written over it.
    return undefined;
  }
}

/** The restore of this cluster that was begun on a host and not finished. */
export function intentFact(
  cluster: Pick<DesiredCluster, 'name' | 'unit'>,
): Fact<RestoreIntent | undefined> {
  const file = fileFact(intentPath(cluster));
  return {
    ...file,
    read: (answer) => {
      const intent = readIntent(file.read(answer)?.content);
      return (intent?.unit ?? cluster.unit) === cluster.unit ? intent : undefined;
    },
  };
}
