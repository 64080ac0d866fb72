/** The names most like `wanted`, best first, at most `count`: what somebody may have meant. Pure Levenshtein distance, a third of the length at most. */
export function nearest(wanted: string, names: readonly string[], count = 3): string[] {
  const text = wanted.slice(0, 100).toLowerCase();
  return names
    .map((name) => ({ name, far: distance(text, name.slice(0, 100).toLowerCase()) }))
    .filter(({ name, far }) => far <= Math.max(2, Math.ceil(Math.max(text.length, name.length) / 3)))
    .sort((a, b) => a.far - b.far)
    .slice(0, count)
    .map(({ name }) => name);
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, char] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (b[j - 1] === char ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
