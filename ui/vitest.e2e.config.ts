import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests-e2e/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One recorder, one browser: files one after the other.
    fileParallelism: false,
  },
});
