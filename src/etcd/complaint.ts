/**
 * The sentence in which etcdctl says why it failed, at most 300 characters: JSON lines of its log come before it, and
 * `unhealthy cluster` after it says no more.
 */
export function complaint(output: string): string {
  const sentences = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('{'));
  const telling = sentences.filter((line) => line !== 'Error: unhealthy cluster');
  return (telling.at(-1) ?? sentences.at(-1))?.slice(0, 300) ?? 'no answer';
}
