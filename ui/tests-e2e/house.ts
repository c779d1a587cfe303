// Where the tests of a file are: a recorder, a browser, and who is signed in.

import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";
import { launch, makeAccount, NOBODY, open, type State, signIn } from "./browser";
import { type Recorder, startRecorder } from "./recorder";
import { sharedRecorder } from "./shared";
import type { Shared } from "./shared-setup";

export interface House<R = Recorder> {
  readonly recorder: R;
  readonly browser: Browser;
  /** Signed in, or nobody. */
  readonly state: State;
  /** A page for whoever is signed in, and what went wrong on it. */
  open(options?: { phone?: boolean }): ReturnType<typeof open>;
}

interface Own {
  /** The demo's three cameras where nothing is said; who starts another one signs in to it as `account`. */
  start?: () => Promise<Recorder>;
  /** Made at a recorder that has none. Without it nobody is signed in to what `start` began. */
  account?: string;
  /** Uses the browser of the house that it stands beside. */
  beside?: { readonly browser: Browser };
}

/** With a recorder that these tests may kill, change and sign out of; ends after them. */
export function ownHouse({ start, account, beside }: Own = {}): House {
  let recorder: Recorder | undefined;
  let browser: Browser | undefined;
  let state: State = NOBODY;

  beforeAll(async () => {
    recorder = await (start ?? startRecorder)();
    browser = beside?.browser ?? (await launch());
    if (account) state = await makeAccount(browser, recorder.link, account);
    else if (!start) state = await signIn(browser, recorder.link);
  });

  afterEach(() => recorder?.revive());

  afterAll(async () => {
    if (!beside) await browser?.close();
    await recorder?.end();
  });

  return houseOf({
    recorder: () => recorder,
    browser: () => browser,
    state: () => state,
  });
}

/** With the recorder that runs beside all files: nobody changes it. */
export function sharedHouse(): House<Shared> {
  const shared = sharedRecorder();
  let browser: Browser | undefined;

  beforeAll(async () => {
    browser = await launch();
  });

  afterAll(() => browser?.close());

  return houseOf({
    recorder: () => shared,
    browser: () => browser,
    state: () => shared.state,
  });
}

function houseOf<R>(of: {
  recorder: () => R | undefined;
  browser: () => Browser | undefined;
  state: () => State;
}): House<R> {
  return {
    get recorder() {
      return here(of.recorder());
    },
    get browser() {
      return here(of.browser());
    },
    get state() {
      return of.state();
    },
    open(options) {
      return open(this.browser, this.state, options);
    },
  };
}

/** Tests and their hooks only: before them there is none. */
function here<T>(one: T | undefined): T {
  if (one === undefined) throw new Error("there is none before the first test");
  return one;
}
