import { describe, it } from 'vitest';

describe("SAC: each check of the owner's list, provoked for real", () => {
  it.todo('being written');
});
