import { listLabs } from '../../lab/list.ts';
import { labsText } from '../../report/lab-text.ts';

/** Prints the labs of this machine, running or not. */
export async function labListCommand({ json }: { readonly json: boolean }): Promise<void> {
  const labs = await listLabs();
  if (json) {
    console.log(JSON.stringify(labs, undefined, 2));
    return;
  }
  console.log(labsText(labs));
}
