import type { AuthenticationType } from 'ssh2';
import type { AuthMethod } from './auth-methods.ts';

/** Which way in to try next, told what the server still takes (RFC 4252 §5.1); nothing when none is left. */
export type NextWay = (
  accepted: readonly AuthenticationType[] | undefined,
  isPartialSuccess: boolean,
) => AuthMethod | undefined;

/** Tries each way once, and again after a step of several (AuthenticationMethods) succeeded. */
export function login(ways: readonly AuthMethod[]): NextWay {
  let untried = [...ways];
  let last: AuthMethod | undefined;
  return (accepted, isPartialSuccess) => {
    if (isPartialSuccess) untried = [...ways];
    // A wrong password is as wrong keyboard-interactively, and each mistake counts towards a locked account.
    else if (last?.method.type === 'password' && accepted?.includes('password')) {
      untried = untried.filter(({ method }) => method.type !== 'keyboard-interactive');
    }
    last = untried.find(({ method }) => {
      // The server knows an agent's keys as public keys like any other.
      const type = method.type === 'agent' ? 'publickey' : method.type;
      return accepted === undefined || accepted.includes(type);
    });
    untried = untried.filter((way) => way !== last);
    return last;
  };
}
