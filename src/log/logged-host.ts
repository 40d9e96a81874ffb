import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { note } from './run-log.ts';

const SHOWN = 16 * 1024;

/** The same machine; the log gets what is run there and what comes of it, but never what a command reads on stdin. */
export function loggedHost(host: Host): Host {
  let count = 0;
  return {
    ...host,
    run: async (command, options) => {
      count += 1;
      const label = `${host.name} #${count}`;
      const start = performance.now();
      const took = () => `${Math.round(performance.now() - start)} ms`;
      note(`${label} runs\n${command.text}`);
      try {
        const result = await host.run(command, options);
        const { exitCode, stdout, stderr } = result;
        note(
          `${label} exit code ${exitCode} after ${took()}${part('stdout', stdout)}${part('stderr', stderr)}`,
        );
        return result;
      } catch (error) {
        note(
          `${label} failed after ${took()}: ${error instanceof Failure ? error.message : error}`,
        );
        throw error;
      }
    },
  };
}

function part(name: string, text: string): string {
  if (text === '') return '';
  const rest = text.length > SHOWN ? `\n… and ${text.length - SHOWN} characters more` : '';
  return `\n${name}: ${text.slice(0, SHOWN).trimEnd()}${rest}`;
}
