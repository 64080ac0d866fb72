import { checkFill } from './fill.ts';
import type { Kinds } from './kinds.ts';
import type { Mistake } from './problem.ts';
import { stringsIn, valueAt } from './values.ts';

/** `{{…}}` is filled in the params of steps, and nowhere else; where there is no release, none of it. */
export function checkFills(file: unknown, kinds: Kinds): Mistake[] {
  return [...stringsIn(file)].flatMap(({ text, path }) => {
    if (!text.includes('{{')) return [];
    const wrong = inParams(path, kinds)
      ? (checkFill(text) ?? withoutRelease(text, path, file))
      : { message: '{{…}} is not filled in here', advice: 'Use it in what a step does, or write the text itself' };
    return wrong ? [{ path, piece: '{{', ...wrong }] : [];
  });
}

function inParams(path: readonly PropertyKey[], kinds: Kinds): boolean {
  const [runbook, , steps, , kind] = path[0] === 'variants' ? path.slice(2) : path;
  return runbook === 'runbook' && steps === 'steps' && Object.hasOwn(kinds.steps, String(kind));
}

function withoutRelease(text: string, path: readonly PropertyKey[], file: unknown): Pick<Mistake, 'message' | 'advice'> | undefined {
  const versionless = path[0] === 'variants' && valueAt(file, [...path.slice(0, 2), 'version']) === 'none';
  if (!versionless || !/\{\{\s*release\./.test(text)) return undefined;
  return {
    message: `${String(path[1])} has no version, so there is no release to name`,
    advice: 'Write the text itself, or give the variant a version',
  };
}
