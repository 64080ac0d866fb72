import { existsSync, readFileSync } from 'node:fs';

const read = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined);

/** The test files of a report in which something failed, one that could not even be run among them. */
export const failedFiles = (report) => (read(report)?.testResults ?? []).filter((file) => file.status === 'failed').map((file) => file.name);

/**
 * The last that is said, counted from the reports themselves: what failed, what passed only the second time, then how many passed, failed and were
 * skipped. A file that was run twice counts as it was the second time.
 */
export function closingLines(first, second, root) {
  const [once, again] = [read(first), read(second)];
  if (!once) return [];
  const twice = new Map((again?.testResults ?? []).map((file) => [file.name, file]));
  const files = once.testResults.map((file) => twice.get(file.name) ?? file);
  const lasting = new Set(failures(files, root));
  const passedLater = failures(once.testResults, root).filter((name) => !lasting.has(name));
  const count = (...statuses) => files.flatMap((file) => file.assertionResults).filter(({ status }) => statuses.includes(status)).length;
  const skipped = count('pending', 'skipped', 'todo');
  return [
    ...[...lasting].map((name) => `Did not pass: ${name}`),
    ...passedLater.map((name) => `Passed only the second time, alone: ${name}`),
    `${count('passed')} passed, ${lasting.size} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
  ];
}

/** Every test that failed, and every file that failed without one. */
function failures(files, root) {
  return files.flatMap((file) => {
    const failed = file.assertionResults.filter(({ status }) => status === 'failed');
    const where = file.name.startsWith(root) ? file.name.slice(root.length) : file.name;
    if (failed.length === 0) return file.status === 'failed' ? [`${where}, as a whole: ${(file.message ?? '').split('\n')[0]}`] : [];
    return failed.map(({ fullName }) => `${where}: ${fullName}`);
  });
}
