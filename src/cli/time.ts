const two = (n: number): string => String(n).padStart(2, '0');

/** The day of a moment (milliseconds since 1970) where this process is: `2026-11-22`. */
export function localDay(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** A moment where this process is: `2026-11-22 03:11`. */
export const localTime = (at: number): string => `${localDay(at)} ${localClock(at).slice(0, 5)}`;

/** The time of day where this process is, to the second: `03:11:07`. */
export function localClock(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
}
