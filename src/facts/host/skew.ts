/** A difference of clocks in words: `2 days ahead of`, `26 h behind`, `0.3 s behind`; whose clock is meant follows. */
export function describeSkew(ahead: number): string {
  const size = Math.abs(ahead);
  const text =
    size >= 172_800
      ? `${Math.round(size / 86_400)} days`
      : size >= 7200
        ? `${Math.round(size / 3600)} h`
        : size >= 120
          ? `${Math.round(size / 60)} min`
          : `${size.toFixed(1)} s`;
  return `${text} ${ahead > 0 ? 'ahead of' : 'behind'}`;
}
