import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import { must } from './local-command.ts';

/** The Debian mirror this machine's apt is set to, so that its proxies and caches serve the lab too. */
export async function debianMirror(): Promise<string> {
  const targets = await must('ask apt for its mirror', 'apt-get', [
    'indextargets',
    '--format',
    '$(REPO_URI)',
    'Created-By: Packages',
  ]);
  const mirror = targets.split('\n').find((uri) => /\/debian\/?$/.test(uri));
  if (mirror === undefined)
    throw new Failure('failed', 'apt on this machine names no Debian mirror', {
      next: [remedy`add one to /etc/apt/sources.list.d, then run this again`],
    });
  return mirror;
}
