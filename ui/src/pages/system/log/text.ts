// The log as text, for whoever is asked for help.

import type { LogLine } from "../../../api/types";

/** One line as the recorder would have written it, in UTC. */
export function textOf({ at, level, target, message, fields }: LogLine): string {
  const about = Object.entries(fields).map(([name, value]) => ` ${name}=${quoted(value)}`);
  return `${at} ${level.toUpperCase().padEnd(5)} ${target}: ${message}${about.join("")}`;
}

/** What has spaces in it is seen as one. */
const quoted = (value: string) => (/^[^\s"=]+$/.test(value) ? value : JSON.stringify(value));

/** What lines are about, without what is shown as a camera. */
export function facts(line: LogLine): [string, string][] {
  const shown = (name: string, value: string) =>
    line.camera !== undefined &&
    (name === "camera" ||
      (["stream", "subject"].includes(name) && value.startsWith(`${line.camera}/`)));
  return Object.entries(line.fields).filter(([name, value]) => !shown(name, value));
}

/** The stream of the camera that a line is about. */
export function streamOf({ camera, fields }: LogLine): string | undefined {
  const label = fields.stream ?? fields.subject;
  if (camera === undefined || !label?.startsWith(`${camera}/`)) return undefined;
  return label.slice(camera.length + 1);
}

/** Hands `text` to the person as a file. */
export function saveText(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
