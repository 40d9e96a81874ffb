import { labDown, removeOrphans } from '../../lab/down.ts';
import { labNames } from '../../lab/record.ts';

interface Arguments {
  readonly name: string;
  readonly all: boolean;
}

/** Ends the lab, or all labs; none to end is not an error. */
export async function labDownCommand({ name, all }: Arguments): Promise<void> {
  const names = all ? await labNames() : [name];
  for (const each of names) {
    const ended = await labDown(each);
    console.log(ended ? `lab ${each}: ended, nothing is left of it` : `no lab is called ${each}`);
  }
  if (all) await removeOrphans();
}
