import { describe, it } from "vitest";

describe("halt, remove, recover and scenarios of SAC on real hosts", () => {
  it.todo("is being written");
});
