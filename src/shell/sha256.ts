import { type Argument, type Command, sh } from './command.ts';

/**
 * Sets the shell's `sum` to the sha256 of the file, in hexadecimal. openssl hashes twice as fast as sha256sum before
 * coreutils 9.2; where it is missing or will not, sha256sum is asked.
 */
export function sumOf(file: Argument): Command {
  return sh`sum=$(openssl dgst -sha256 -r < ${file} 2>/dev/null) || sum=$(sha256sum < ${file}); sum=\${sum%% *}`;
}
