import { type Command, sh } from '../../shell/command.ts';

/**
 * Defines `isLater ONE OTHER` of a shell: whether a member wrote to what is in the first directory (its data, or its log
 * alone) after it wrote to what is in the second. A copy has the times of what it was copied from, until it is used.
 */
export const IS_LATER: Command = sh`newestIn() { ls -t "$1"/*.wal "$1"/wal/*.wal "$1"/snap/db 2>/dev/null | head -n 1; }
isLater() { newest=$(newestIn "$1"); [ -n "$newest" ] && [ "$newest" -nt "$(newestIn "$2")" ]; }`;
