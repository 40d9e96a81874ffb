import { sh } from '../../shell/command.ts';
import { type Fact, properties } from '../fact.ts';

/** Bytes of a segment that hold whose it is (etcd's server/storage/wal, metadata record). */
const HEAD = 64;

/** A move of a member's data or log to another directory that was begun. */
export interface MoveNote {
  readonly from: string;
  readonly to: string;
  /** All that is kept. */
  readonly content: string;
  /** Both places are there, and one is a copy of the other: their logs begin alike, which tells of member and cluster. */
  readonly isCopied?: true;
}

/** What a host keeps of such a move, from before it until after it. */
export const moveNoteFact = (path: string): Fact<MoveNote | undefined> => ({
  ask: sh`if [ -f ${path} ]; then
  from=$(sed -n 's|^from=\\(/.*\\)|\\1|p' ${path}) to=$(sed -n 's|^to=\\(/.*\\)|\\1|p' ${path})
  copied=no
  for one in "$from"/*.wal "$from"/wal/*.wal; do
    other=$to\${one#"$from"}
    [ -f "$one" ] && [ -f "$other" ] || continue
    [ "$(head -c ${HEAD} "$one" | base64)" != "$(head -c ${HEAD} "$other" | base64)" ] || copied=yes
  done
  echo $copied
  head -c 4096 ${path}
fi`,
  read({ stdout }) {
    const [copied, ...lines] = stdout.split('\n');
    const content = lines.join('\n');
    const found = properties(content);
    const [from, to] = [found.get('from'), found.get('to')];
    return from === undefined || to === undefined
      ? undefined
      : { from, to, content, ...(copied === 'yes' && { isCopied: true }) };
  },
});
