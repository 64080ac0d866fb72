#!/usr/bin/env node
// The command `rollback`. The product runs as TypeScript (docs/decisions/0005-tsx-at-run-time.md), which this Node does not read by itself.
import { register } from 'tsx/esm/api';

register();
await import(new URL('../rollback.ts', import.meta.url).href);
