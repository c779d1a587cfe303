// The one place that talks HTTP. Everything else in this folder is a thin sentence over it.

import type { Problem } from "./types";

/** Where the server's interface begins: beside the page, wherever a proxy has put that. */
const root = new URL("api/v1/", document.baseURI);

/** How long an answer may take before the server counts as out of reach. */
const TIMEOUT_MS = 20_000;
/** The same where the server has to look at a lot of footage first, or a change waits its turn. */
const PATIENT_MS = 60_000;

/** None at all, and what only a proxy says: that nobody is behind it. The server has no such word. */
const NOBODYS = [0, 502, 504];

/** An answer that is not what was asked for, or none at all. */
export class ApiError extends Error {
  override name = "ApiError";

  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title);
  }

  /** No answer of the server's came: it, or the way to it, is down. */
  get offline(): boolean {
    return NOBODYS.includes(this.problem.status);
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
  /** The answer may take long; with a number so many ms. */
  patient?: true | number;
}

/** Asks and returns the answer's JSON; throws {@link ApiError}. */
export async function ask<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const response = await answer(method, address(path, options.query), options);
  if (response.status === 204 || response.headers.get("content-length") === "0") {
    return undefined as T;
  }
  return (await response.json()) as T;
}

/** Asks for what is no JSON; `range` is of bytes, its end not in it. Throws {@link ApiError}. */
export async function askBytes(
  url: URL,
  signal?: AbortSignal,
  range?: { from: number; to: number },
): Promise<Response> {
  const headers = range ? { range: `bytes=${range.from}-${range.to - 1}` } : undefined;
  return answer("GET", url, { signal, headers });
}

async function answer(
  method: string,
  url: URL,
  options: Options & { headers?: Record<string, string> | undefined },
): Promise<Response> {
  const { patient } = options;
  const timeout = AbortSignal.timeout(patient === true ? PATIENT_MS : (patient ?? TIMEOUT_MS));
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  const headers = options.headers ?? { accept: "application/json" };
  const init: RequestInit = { method, signal, headers };
  if (options.body !== undefined) {
    init.body = JSON.stringify(options.body);
    init.headers = { ...headers, "content-type": "application/json" };
  }
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError({ type: "offline", title: "offline", status: 0, detail: String(error) });
  }
  if (!response.ok) {
    if (response.status === 401 && !options.quiet) unauthorised();
    throw new ApiError(await problemOf(response));
  }
  return response;
}

/** Asks for a picture; throws {@link ApiError} where there is none. */
export async function picture(path: string, query: Query, signal: AbortSignal): Promise<Response> {
  const both = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const response = await fetch(address(path, query), { signal: both });
  if (response.ok) return response;
  if (response.status === 401) unauthorised();
  throw new ApiError(await problemOf(response));
}

/**
 * Fetches what may be large into a file of the browser's own, and tells how far it is; throws
 * {@link ApiError}. (What `fetch` reads piece by piece stays in memory.)
 */
export function download(
  url: string,
  signal: AbortSignal,
  progress: (bytes: number) => void,
): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    signal.addEventListener("abort", abort);
    request.open("GET", url);
    request.responseType = "blob";
    request.onprogress = (event) => progress(event.loaded);
    request.onloadend = async () => {
      signal.removeEventListener("abort", abort);
      const { status, statusText, response } = request;
      if (signal.aborted) return reject(signal.reason);
      if (status === 200) return resolve(response);
      if (status === 401) unauthorised();
      const none = { type: "offline", title: "offline", status: 0, detail: "" };
      reject(
        new ApiError(
          status === 0 ? none : await problemOf(new Response(response, { status, statusText })),
        ),
      );
    };
    request.send();
  });
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
