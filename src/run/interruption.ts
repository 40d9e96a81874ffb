import { Failure } from '../failure/failure.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Calls back with a Failure at the first Ctrl-C, SIGTERM or SIGHUP; a second one finds nobody and ends the program at
 * once. Gives what makes signals end the program again.
 */
export function onInterruption(stop: (failure: Failure) => void): () => void {
  const onSignal = (name: NodeJS.Signals) => {
    ignore();
    stop(new Failure('interrupted', `interrupted by ${name}`));
  };
  const ignore = () => {
    for (const name of SIGNALS) process.removeListener(name, onSignal);
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return ignore;
}
