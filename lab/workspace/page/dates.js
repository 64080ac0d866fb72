const pad = (number) => String(number).padStart(2, '0');
const sameDay = (a, b) => a.toDateString() === b.toDateString();

/** 14:05, in the reader's own time zone. */
export const clock = (date) => `${pad(date.getHours())}:${pad(date.getMinutes())}`;

/** The moment of a message's ts. */
export const dateOf = (ts) => new Date(Number(ts) * 1000);

/** "Today", "Yesterday", "Tuesday 3 November". */
export function dayName(date) {
  const now = new Date();
  if (sameDay(date, now)) return 'Today';
  if (sameDay(date, new Date(now.getTime() - 86_400_000))) return 'Yesterday';
  return date.toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });
}

/** "just now", "4 min ago", "14:05". */
export function ago(ts) {
  const minutes = Math.floor((Date.now() - Number(ts) * 1000) / 60_000);
  if (minutes < 1) return 'just now';
  return minutes < 60 ? `${minutes} min ago` : `${dayName(dateOf(ts))} ${clock(dateOf(ts))}`;
}

const PARTS = {
  date_num: (date) => `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`,
  date: (date) => date.toLocaleDateString('en-GB', { year: 'numeric', month: 'long', day: 'numeric' }),
  date_short: (date) => date.toLocaleDateString('en-GB', { year: 'numeric', month: 'short', day: 'numeric' }),
  date_long: (date) => date.toLocaleDateString('en-GB', { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' }),
  time: clock,
  time_secs: (date) => `${clock(date)}:${pad(date.getSeconds())}`,
  ago: (date) => ago(date.getTime() / 1000),
};

// `_pretty` says today, yesterday and tomorrow, as Slack does.
function prettyDay(date) {
  const at = (days) => new Date(Date.now() + days * 86_400_000);
  const found = [
    ['today', at(0)],
    ['yesterday', at(-1)],
    ['tomorrow', at(1)],
  ].find(([, day]) => sameDay(date, day));
  return found?.[0];
}

function partText(name, date) {
  const part = PARTS[name] ?? PARTS[name.replace(/_pretty$/, '')];
  return (name.endsWith('_pretty') && prettyDay(date)) || part?.(date);
}

/** `{date_short} {time}` filled in for a time in seconds; unknown parts stay as they are. */
export function dateText(seconds, format) {
  const date = new Date(Number(seconds) * 1000);
  return format.replace(/\{([a-z_]+)\}/g, (whole, name) => partText(name, date) ?? whole);
}
