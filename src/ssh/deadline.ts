import { sh } from '../shell/command.ts';

/** Seconds a command may take unless told. */
export const DEADLINE_SECONDS = 60;

// Ours comes first, so an exit code 124 is always the command's own.
const LATER_SECONDS = 1;
const KILL_AFTER_SECONDS = 5;

/** The words before a command that its own host is to end soon after the deadline in seconds. */
export function timeoutWords(deadline: number = DEADLINE_SECONDS): string {
  return `timeout -k ${KILL_AFTER_SECONDS} ${deadline + LATER_SECONDS}`;
}

/**
 * The script, ended by its own host soon after the deadline in seconds: what was given up here must not wake up there
 * and change something after all, however the connection ended.
 */
export function withTimeout(script: string, deadline?: number): string {
  return `exec ${timeoutWords(deadline)} ${sh`/bin/sh -c ${script}`.text}`;
}
