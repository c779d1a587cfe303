// Before all files: one recorder that most of them look at. It has footage when the first of them
// is done waiting for it, and all others have it at once. Nobody kills it, changes its cameras or
// signs out of its session: who does that starts a recorder of its own.

import type { TestProject } from "vitest/node";
import { launch, type State, signIn } from "./browser";
import { startRecorder } from "./recorder";

export interface Shared {
  url: string;
  /** The one-time link, which is used up. */
  link: string;
  /** Signed in. */
  state: State;
}

declare module "vitest" {
  export interface ProvidedContext {
    shared: Shared;
  }
}

export default async function start(project: TestProject) {
  const recorder = await startRecorder();
  const browser = await launch();
  try {
    const state = await signIn(browser, recorder.link);
    project.provide("shared", { url: recorder.url, link: recorder.link, state });
  } finally {
    await browser.close();
  }
  return () => recorder.end();
}
