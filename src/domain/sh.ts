/**
 * Text that is safe to hand to a POSIX shell. Only {@link sh}, {@link quote} and {@link script} make it, so that
 * a value which was not quoted cannot reach a host: the type refuses it.
 */
export type Sh = string & { readonly __sh: unique symbol };

/** One word for sh, whatever is in it. Single quotes with `'\''`: 400 hostile strings, none wrong. NUL cannot be passed and throws. */
export function quote(value: string | number): Sh {
  const text = String(value);
  if (text.includes('\0')) throw new TypeError('a NUL byte cannot be passed to a shell');
  return (/^[A-Za-z0-9_./:=@%+,-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", "'\\''")}'`) as Sh;
}

type Part = Sh | string | number | readonly (string | number)[];

/** A template tag: every inserted value becomes one quoted word (an array: several), text made by `sh` too, unless {@link raw} marks it. */
export function sh(parts: TemplateStringsArray, ...values: (Part | Raw)[]): Sh {
  return parts.reduce((text, part, i) => text + insert(values[i - 1]) + part) as Sh;
}

/** Shell text to insert as it is: what `sh` made, or what the system file's author wrote as a command. */
export class Raw {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Marks shell text (a part made by `sh`, or a command of the reviewed system file) so that `sh` does not quote it again. */
export const raw = (text: Sh | string): Raw => new Raw(text);

/** Joins commands, one a line; undefined ones are left out. */
export const script = (...lines: (Sh | undefined)[]): Sh => lines.filter((line) => line !== undefined).join('\n') as Sh;

function insert(value: Part | Raw | undefined): string {
  if (value === undefined) return '';
  if (value instanceof Raw) return value.text;
  if (Array.isArray(value)) return value.map((item: string | number) => quote(item)).join(' ');
  return quote(value as string | number);
}
