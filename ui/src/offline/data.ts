// What the page of an export knows of it: written into the page when the export was made.

import type { Clip } from "../proof/manifest";

export interface Data {
  id: string;
  name: string;
  by: string;
  made: string;
  from: string;
  to: string;
  publicKey: string;
  software: string;
  clips: {
    file: string;
    bytes: number;
    from: string;
    to: string;
    streams: Pick<Clip["streams"][number], "camera_name" | "stream" | "codecs" | "gaps">[];
  }[];
  withoutFootage: string[];
}

/** An element of the page, which has it. */
export const find = <Of extends HTMLElement = HTMLElement>(id: string) =>
  document.getElementById(id) as Of;

export const data: Data = JSON.parse(find("data").textContent ?? "");

export function element<Kind extends keyof HTMLElementTagNameMap>(
  kind: Kind,
  text = "",
  className = "",
): HTMLElementTagNameMap[Kind] {
  const made = document.createElement(kind);
  made.textContent = text;
  made.className = className;
  return made;
}

/** An instant on the clock of who looks, with its zone: the recorder may be far away. */
export function time(instant: string | number): string {
  const at = new Date(instant);
  const zone = new Intl.DateTimeFormat(undefined, { timeZoneName: "short" }).formatToParts(at);
  const name = zone.find((part) => part.type === "timeZoneName")?.value ?? "";
  return `${at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" })} ${name}`;
}
