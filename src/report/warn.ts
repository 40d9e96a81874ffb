/** Tells something that does not end the run; stdout belongs to the result. */
export function warn(sentence: string): void {
  console.error(`warning: ${sentence}`);
}
