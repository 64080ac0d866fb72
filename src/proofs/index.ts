import type { AnyProofKind } from '../domain/proof.ts';
import { commit } from './commit.ts';
import { container } from './container.ts';
import { gone } from './gone.ts';
import { http } from './http.ts';
import { pythonPackage } from './package.ts';
import { stopped } from './stopped.ts';
import { tree } from './tree.ts';
import { unit } from './unit.ts';

const all: readonly AnyProofKind[] = [commit, container, gone, http, pythonPackage, stopped, tree, unit];

/** Every kind of proof, by its key in the YAML. */
export const proofKinds: Readonly<Record<string, AnyProofKind>> = Object.fromEntries(all.map((kind) => [kind.key, kind]));
