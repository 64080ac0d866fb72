import { quote, raw, type Sh, sh } from '../domain/sh.ts';

/** A file pattern for sh: `*` and `?` stay, everything else is quoted. */
export function globbed(pattern: string): Sh {
  const from = pattern.startsWith('/') || pattern.startsWith('./') ? pattern : `./${pattern}`;
  const parts = from.split(/([*?]+)/).map((part, i) => raw(i % 2 === 1 || part === '' ? part : quote(part)));
  return parts.reduce<Sh>((text, part) => sh`${raw(text)}${part}`, sh``);
}
