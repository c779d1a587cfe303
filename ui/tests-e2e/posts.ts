// What the page posts to the recorder, told or answered otherwise. In the page itself, and so in both
// browsers: over WebDriver BiDi no test learns the body of a request.

import type { Page } from "playwright-core";

export interface Post {
  // biome-ignore lint/suspicious/noExplicitAny: whatever this path takes
  asked: any;
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: and what it answers
  answer: any;
}

/** From the next address on: what is posted to `path` goes to the recorder, and `look` sees it with
 * what was answered. What it returns, the page gets instead. Aborted by the page, it is not seen. */
export async function lookAtPosts(
  page: Page,
  path: string,
  look: (post: Post) => Promise<object | undefined> | object | undefined,
): Promise<void> {
  await page.exposeFunction("lookAtPost", look);
  await page.addInitScript((path) => {
    const scope = globalThis as unknown as {
      lookAtPost(post: object): Promise<object | undefined>;
    };
    const real = globalThis.fetch;
    globalThis.fetch = async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input, document.baseURI);
      if (!url.pathname.endsWith(path) || typeof init?.body !== "string") return real(input, init);
      const asked = JSON.parse(init.body);
      const response = await real(input, init);
      const answer = await response.clone().json();
      const other = await scope.lookAtPost({ asked, status: response.status, answer });
      init.signal?.throwIfAborted();
      return other ? Response.json(other) : response;
    };
  }, path);
}
