import { type Command, sh } from '../../shell/command.ts';

/**
 * Defines `onOneDisk FROM TO` of a shell: whether a directory can be given the other name in one step. Over the border of a
 * mount, a bind mount too, `mv` makes a copy, which can be cut off. TO need not exist, nor its parents.
 */
export const ON_ONE_DISK: Command = sh`mountOf() {
  d=$1
  while [ ! -e "$d" ]; do d=\${d%/*}; [ -n "$d" ] || d=/; done
  findmnt -n -o TARGET -T "$d"
}
onOneDisk() {
  mount=$(mountOf "$1")
  [ -n "$mount" ] && [ "$mount" = "$(mountOf "\${2%/*}")" ]
}`;
