import { type Command, sh } from '../shell/command.ts';

/** What `WHAT_STANDS` calls a plain file. */
export const PLAIN_FILE = 'a file';

/** Sets `what` to what stands at the path in `one`, as in "it is …", without following a link; to nothing where nothing does. */
export const WHAT_STANDS: Command = sh`if [ -L "$one" ]; then what="a link to $(readlink "$one")"
elif [ -f "$one" ]; then what=${PLAIN_FILE}
elif [ -d "$one" ]; then what='a directory'
elif [ -p "$one" ]; then what='a pipe'
elif [ -e "$one" ]; then what='neither a file, a directory, a link nor a pipe'
else what=
fi`;
