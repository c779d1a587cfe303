// Exports: footage taken away, signed.

import { address, ask, askBytes, at } from "./http";
import { plainName } from "./name";
import type { Export, ExportsPage, NewExport } from "./types";

/** One page of exports, newest first, and the space that they take. */
export async function listExports(cursor?: string): Promise<ExportsPage> {
  const page = await ask<ExportsPage>("GET", "exports", { query: { cursor, limit: 50 } });
  return { ...page, exports: page.exports.map(shown) };
}

/** With names that are only text. */
const shown = (own: Export): Export => ({
  ...own,
  name: plainName(own.name),
  by: plainName(own.by),
  streams: own.streams.map((stream) => ({
    ...stream,
    camera_name: plainName(stream.camera_name),
  })),
});

/** Asks for one; it is planned before the answer comes, which may take a while. */
export async function addExport(wanted: NewExport): Promise<Export> {
  return shown(await ask("POST", "exports", { body: wanted, patient: true }));
}

/** Cancels it, or deletes it with its file. */
export function deleteExport(id: string): Promise<void> {
  return ask("DELETE", at`exports/${id}`);
}

/**
 * What the file of one that is done says of itself, without taking it away. Its shape is that of
 * docs/format/export.md, and nothing in it was checked here.
 */
export function getManifest(id: string, signal?: AbortSignal): Promise<unknown> {
  return ask("GET", at`exports/${id}/manifest.json`, { signal });
}

/** Where its file is; a download that broke off goes on there. */
export function exportFile(id: string): string {
  return address(at`exports/${id}/export.zip`).href;
}

/** The bytes [from, to) of its file. */
export async function readExport(
  id: string,
  from: number,
  to: number,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  if (to <= from) return new Uint8Array();
  const url = address(at`exports/${id}/export.zip`);
  const response = await askBytes(url, signal, { from, to });
  const bytes = new Uint8Array(await response.arrayBuffer());
  return response.status === 206 ? bytes : bytes.subarray(from, to);
}
