/** Whether a text fits a pattern in which `*` is any text and `?` any one character. In time text × stars at most: names are other people's. */
export function fitsWildcard(text: string, pattern: string): boolean {
  let [at, next, star, from] = [0, 0, -1, 0];
  while (at < text.length) {
    if (pattern[next] === '*') {
      star = next;
      from = at;
      next += 1;
    } else if (pattern[next] === '?' || pattern[next] === text[at]) {
      at += 1;
      next += 1;
    } else if (star >= 0) {
      from += 1; // the last star takes one character more
      at = from;
      next = star + 1;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(next));
}
