// The address bar: where we are, and how to get elsewhere. Everything navigable is in it, in UTC.

/** Where the application begins, for a proxy may have put it below the root. */
const base = new URL(document.baseURI).pathname.replace(/\/$/, "");

export type Query = Record<string, string>;

export const pages = [
  "live",
  "timeline",
  "recordings",
  "exports",
  "system",
  "system/cameras",
  "system/storage",
  "system/access",
  "system/log",
  "login",
  "setup",
] as const;
export type Page = (typeof pages)[number];

class Route {
  page = $state<Page | "" | undefined>(undefined);
  query = $state.raw<Query>({});
  hash = $state("");

  constructor() {
    this.read();
    addEventListener("popstate", () => this.read());
    addEventListener("hashchange", () => this.read());
  }

  read(): void {
    const path = location.pathname.slice(base.length).replace(/^\/|\/$/g, "");
    this.page = path === "" ? "" : pages.find((page) => page === path);
    this.query = Object.fromEntries(new URLSearchParams(location.search));
    this.hash = location.hash.slice(1);
  }
}

export const route = new Route();

type Loose = Record<string, string | undefined>;

/** The address of a page; parts that are undefined are left out. */
export function href(page: Page | "", query: Loose = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") search.set(name, value);
  }
  // Commas and colons are allowed in queries, and lists and times are easier to read with them.
  const text = search.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  return `${base}/${page}${text ? `?${text}` : ""}`;
}

export function go(page: Page | "", query: Loose = {}, how: { replace?: boolean } = {}): void {
  const target = href(page, query);
  if (target === location.pathname + location.search && !location.hash) return;
  if (how.replace) history.replaceState(null, "", target);
  else history.pushState(null, "", target);
  route.read();
}

/** Plain clicks on links inside the application stay in it. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element | null)?.closest("a");
  if (!link || link.target || link.hasAttribute("download")) return;
  const url = new URL(link.href);
  if (url.origin !== location.origin || url.pathname.includes("/api/")) return;
  event.preventDefault();
  history.pushState(null, "", url);
  route.read();
}
