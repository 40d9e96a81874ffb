import { Failure } from '../../failure/failure.ts';
import { parseInventory } from '../../inventory/parse.ts';
import { starterInventory } from '../../inventory/starter.ts';
import { writeFirstInventory } from '../../inventory/write.ts';
import { provision, remedy } from '../../problem/remedy.ts';
import { commandText } from '../../problem/render.ts';
import { answered } from '../../run/ask.ts';
import type { ArgumentsOf } from '../command.ts';
import type { initOptions } from './options.ts';

/** Writes a commented inventory to start from; asks for what is missing where there is a terminal. */
export async function init(args: ArgumentsOf<typeof initOptions>): Promise<void> {
  const { protocol, etcd, user, json } = args;
  // yargs hands a lone - on as an empty text.
  const file = args.file === '' ? '-' : (args.file ?? 'inventory.yaml');
  const cluster = args.cluster ?? (await asked('cluster', 'Name of the cluster:'));
  const hosts =
    args.hosts ?? (await asked('hosts', 'Addresses of its hosts, with commas between:'));
  const members = membersOf(hosts);
  const text = starterInventory({ cluster, protocol, version: etcd, user, members });
  const { warnings } = parseInventory(text, file === '-' ? 'inventory' : `${file} (not written)`);

  if (file !== '-') await writeFirstInventory(file, text);
  for (const warning of warnings) console.error(`warning: ${warning}`);
  if (json) console.log(JSON.stringify({ file, cluster, members, text }));
  else if (file === '-') process.stdout.write(text);
  else
    console.log(
      `wrote ${file}: ${members.length} members\nnext: ${commandText(provision('plan', file), file)}`,
    );
}

function asked(option: string, question: string): Promise<string> {
  const sentence = `--${option} is missing, and there is no terminal to ask on`;
  const next = [
    remedy`${provision('init', '--cluster', 'prod', '--hosts', '10.0.0.1,10.0.0.2,10.0.0.3')}`,
  ];
  return answered(question, new Failure('usage', sentence, { next }));
}

/** `10.0.0.1,db=10.0.0.2` as members; those without a name are numbered. */
function membersOf(hosts: string): readonly { readonly name: string; readonly address: string }[] {
  return hosts
    .split(',')
    .map((host) => host.trim())
    .map((host, index) => {
      const [, name, address = host] = /^([^=]*)=(.*)$/.exec(host) ?? [];
      return { name: name ?? `etcd${String(index + 1).padStart(2, '0')}`, address };
    });
}
