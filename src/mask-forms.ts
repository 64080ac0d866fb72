/** How a secret may be written. Digits of base64 may be broken into lines anywhere; those of hexadecimal into lines and groups of bytes. */
export interface Form {
  readonly text: string;
  readonly digits?: 'base64' | 'hex';
}

/** Shorter forms would hide ordinary words. */
const shortest = 6;
/** Of a secret of several lines each line as long as this is one itself: logs set something before every line. */
const longLine = 16;

/**
 * Every way in which programs print a value that they were given: as it is, in JSON, in addresses, quoted for a shell, for HTML and messages; in
 * base64 at any offset, in hexadecimal digits, both broken into lines or groups.
 */
export function formsOf(secret: string): Form[] {
  const lines = secret.includes('\n') ? secret.split(/\r?\n/).filter((line) => line.length >= longLine && !line.startsWith('-----')) : [];
  const all = [secret, ...lines].filter((text) => text.length >= shortest).flatMap((text) => [...plain(text), ...base64(text), ...hex(text)]);
  return all.filter(({ text }) => text.length >= shortest);
}

function plain(secret: string): Form[] {
  const utf8 = Buffer.from(secret).toString(); // half a surrogate pair is no character, and printed as none
  const texts = [secret, ...json(secret), ...addresses(utf8), ...shell(secret), ...markup(secret)];
  return texts.map((text) => ({ text }));
}

function json(secret: string): string[] {
  const text = JSON.stringify(secret).slice(1, -1);
  const ascii = text.replace(/[\u007f-\uffff]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`); // as Python prints it
  return [text, ascii, text.replaceAll('/', '\\/')]; // as PHP prints it
}

/** What is left as it is differs from library to library, and so does the case of the digits. */
function addresses(secret: string): string[] {
  const component = encodeURIComponent(secret);
  const strict = component.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const all = [component, strict, strict.replaceAll('%2F', '/'), strict.replaceAll('%20', '+'), encodeURI(secret)];
  return all.flatMap((text) => [text, text.replace(/%[0-9A-F]{2}/g, (digits) => digits.toLowerCase())]);
}

/** In single quotes, as we and `set -x` write it, in double quotes, and with backslashes, as `printf %q` does. */
function shell(secret: string): string[] {
  return [
    secret.replaceAll("'", "'\\''"),
    secret.replaceAll("'", `'"'"'`),
    secret.replace(/["$`\\]/g, '\\$&'),
    secret.replace(/[^A-Za-z0-9_@%+=:,./\u0080-\uffff-]/g, '\\$&'),
  ];
}

function markup(secret: string): string[] {
  const text = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const quotes = ['"', '&quot;', '&#34;'].flatMap((double) => ["'", '&#39;', '&#x27;'].map((single) => [double, single] as const));
  return quotes.map(([double, single]) => text.replaceAll('"', double).replaceAll("'", single));
}

function base64(secret: string): Form[] {
  const standard = [0, 1, 2].flatMap((before) => base64Within(secret, before));
  const all = [...standard, ...standard.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))];
  return all.map((text) => ({ text, digits: 'base64' }));
}

/** The secret's own digits in the base64 of a text in which it begins so many bytes after a multiple of three; with and without the last, of which it is a part only. */
function base64Within(secret: string, before: number): string[] {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
  const digits = bytes
    .toString('base64')
    .replace(/=+$/, '')
    .slice(Math.ceil((before * 8) / 6));
  return bytes.length % 3 === 0 ? [digits] : [digits, digits.slice(0, -1)];
}

function hex(secret: string): Form[] {
  const text = Buffer.from(secret).toString('hex');
  return [text, text.toUpperCase()].map((digits) => ({ text: digits, digits: 'hex' }));
}
