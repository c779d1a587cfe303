// The one place that talks HTTP. Everything else in this folder is a thin sentence over it.

import type { Problem } from "./types";

/** Where the server's interface begins: beside the page, wherever a proxy has put that. */
const root = new URL("api/v1/", document.baseURI);

/** How long an answer may take before the server counts as out of reach. */
const TIMEOUT_MS = 20_000;

/** An answer that is not what was asked for, or none at all. */
export class ApiError extends Error {
  override name = "ApiError";

  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title);
  }

  /** No answer came: the server, or the way to it, is down. */
  get offline(): boolean {
    return this.problem.status === 0;
  }
}

/** Told when the server no longer knows the caller. */
let unauthorised: () => void = () => {};

/** `listener` is called whenever an answer is 401. */
export function onUnauthorised(listener: () => void): void {
  unauthorised = listener;
}

export type Query = Record<string, string | number | undefined>;

/** The address of `path` (parts are escaped by `at`) with `query`. */
export function address(path: string, query: Query = {}): URL {
  const url = new URL(path, root);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

/** The same for a WebSocket. */
export function socketAddress(path: string): URL {
  const url = address(path);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url;
}

/** A path of escaped parts: at`cameras/${slug}`. */
export function at(parts: TemplateStringsArray, ...values: string[]): string {
  return parts.reduce(
    (path, part, i) => path + part + (i < values.length ? encodeURIComponent(values[i] ?? "") : ""),
    "",
  );
}

interface Options {
  query?: Query;
  body?: unknown;
  signal?: AbortSignal | undefined;
  /** The answer 401 is an answer here, not the end of the session. */
  quiet?: boolean;
}

/** Asks and returns the answer's JSON; throws {@link ApiError}. */
export async function ask<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  const init: RequestInit = { method, signal, headers: { accept: "application/json" } };
  if (options.body !== undefined) {
    init.body = JSON.stringify(options.body);
    init.headers = { ...init.headers, "content-type": "application/json" };
  }
  let response: Response;
  try {
    response = await fetch(address(path, options.query), init);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError({ type: "offline", title: "offline", status: 0, detail: String(error) });
  }
  if (!response.ok) {
    if (response.status === 401 && !options.quiet) unauthorised();
    throw new ApiError(await problemOf(response));
  }
  if (response.status === 204 || response.headers.get("content-length") === "0") {
    return undefined as T;
  }
  return (await response.json()) as T;
}

async function problemOf(response: Response): Promise<Problem> {
  const plain = {
    type: "unexpected",
    title: response.statusText,
    status: response.status,
    detail: "",
  };
  try {
    return { ...plain, ...((await response.json()) as Partial<Problem>) };
  } catch {
    // A proxy's own error page, not the server's words.
    return plain;
  }
}
