import type { Question } from '../desired/consumers.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { sh } from '../shell/command.ts';
import { askOver, type Credentials } from './etcd/http-port.ts';

/** Seconds that one question may take. */
const PATIENCE = 20;

/** Why a consumer's question is not answered yes, asked from its host; undefined where it is. */
export async function whyNotReady(host: Host, question: Question): Promise<string | undefined> {
  try {
    return 'url' in question
      ? await whyNoAnswer(host, new URL(question.url))
      : await whyNoSuccess(host, question.command);
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}

async function whyNoSuccess(host: Host, command: string): Promise<string | undefined> {
  const { exitCode, stdout, stderr } = await host.run(sh`sh -c ${command}`, { deadline: PATIENCE });
  if (exitCode === 0) return undefined;
  const said = (stderr.trim() || stdout.trim()).split('\n').at(-1);
  return `${command} ends with ${exitCode}${said ? `: ${said}` : ''}`;
}

async function whyNoAnswer(host: Host, url: URL): Promise<string | undefined> {
  const { protocol, hostname, pathname, search } = url;
  const isSecure = protocol === 'https:';
  const port = Number(url.port) || (isSecure ? 443 : 80);
  const dial = () => host.dial(hostname.replace(/^\[|\]$/g, ''), port);
  // Its certificate is not judged: nothing is told to it, and an answer proves no more than that it runs.
  const credentials: Credentials | undefined = isSecure ? {} : undefined;
  const answers = await askOver(dial, [{ path: `${pathname}${search}` }], credentials, PATIENCE);
  return answers === undefined ? `${url.href} does not answer with 200` : undefined;
}
