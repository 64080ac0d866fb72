import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { proofKinds } from '../src/proofs/index.ts';
import { stepKinds } from '../src/steps/index.ts';
import { jsonSchemaOf } from '../src/systems/jsonschema.ts';
import { referenceOf } from '../src/systems/reference.ts';

// Writes what is generated from the schemas; with --check it writes nothing and exits 1 when a file is stale.
const kinds = { steps: stepKinds, proofs: proofKinds };
const files = {
  'docs/system.schema.json': formatted('docs/system.schema.json', JSON.stringify(jsonSchemaOf(kinds), null, 2)),
  'docs/runbooks.md': referenceOf(kinds),
};
const check = process.argv.includes('--check');
for (const [path, text] of Object.entries(files)) {
  const url = new URL(`../${path}`, import.meta.url);
  if ((await readFile(url, 'utf8').catch(() => '')) === text) continue;
  console.log(check ? `${path} is stale: run node --import tsx scripts/docs.ts` : `${path} written`);
  if (check) process.exitCode = 1;
  else await writeFile(url, text);
}

/** As the linter wants it, so that a generated file is no finding. */
function formatted(path: string, text: string): string {
  const biome = new URL('../node_modules/.bin/biome', import.meta.url).pathname;
  return execFileSync(biome, ['format', `--stdin-file-path=${path}`], { input: text, encoding: 'utf8', cwd: new URL('..', import.meta.url) });
}
