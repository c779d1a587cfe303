import { defineConfig } from "vitest/config";

/** Figures for bench/README.md: `npm run measure`. */
export default defineConfig({
  test: {
    include: ["tests-e2e/**/*.measure.ts"],
    testTimeout: 4_000_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
