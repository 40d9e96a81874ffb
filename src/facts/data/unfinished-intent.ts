import * as z from 'zod';
import type { DesiredCluster, DesiredPaths } from '../../desired/cluster.ts';
import { formerIntentPath, intentPath } from '../../desired/restoring.ts';
import { type Command, sh } from '../../shell/command.ts';
import type { Fact } from '../fact.ts';
import { keptWord, type RestoreIntent } from './restore-intent.ts';

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
  // Without them, or where they cannot be read, lists are looked for elsewhere.
  members: z.array(z.string()).min(1).optional().catch(undefined),
  former: z
    .object({
      voters: z.number().int().positive(),
      named: z.array(z.string()),
      absent: z.number().int().nonnegative(),
    })
    .optional()
    .catch(undefined),
  ran: z.boolean(),
  served: z.boolean(),
  order: z
    .object({
      command: z.array(printed.transform(keptWord)).min(1),
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

type Ours = Pick<DesiredCluster, 'name' | 'unit'> & { readonly paths: Pick<DesiredPaths, 'data'> };

/** The restore of this cluster that was begun on a host and not finished. */
export function intentFact(cluster: Ours): Fact<RestoreIntent | undefined> {
  const own = intentPath(cluster);
  return {
    ask: sh`if [ -e ${own} ]; then cat ${own}; else ${formerRecord(cluster)}; fi`,
    read: readOwn(cluster),
  };
}

/** Whether the record of an earlier version of this program is there and is of this cluster. */
export function formerIntentFact(cluster: Ours): Fact<boolean> {
  const read = readOwn(cluster);
  return { ask: formerRecord(cluster), read: (answer) => read(answer) !== undefined };
}

function readOwn({ unit }: Ours): Fact<RestoreIntent | undefined>['read'] {
  return ({ stdout }) => {
    const intent = readIntent(stdout);
    return (intent?.unit ?? unit) === unit ? intent : undefined;
  };
}

/**
 * Prints the record that goes by the name of the cluster. One from before units were recorded counts only where its traces
 * lie beside this cluster's data.
 */
function formerRecord(cluster: Ours): Command {
  const { data } = cluster.paths;
  const path = formerIntentPath(cluster);
  return sh`if [ -f ${path} ]; then
  began=$(sed -n 's/^ *"began": "\\([0-9TZ]*\\)",*$/\\1/p' ${path})
  if grep -q '"unit":' ${path} || [ -e ${data}.restoring ] || [ -e ${data}/restoring ] || [ -e ${data}.aside-"$began" ] || [ -e ${data}/aside-"$began" ]; then cat ${path}; fi
fi`;
}
