// Bytes that are read in pieces, wherever they lie: a file on this device, or one on the recorder.

export interface Bytes {
  readonly size: number;
  /** The bytes of [from, to); fewer only where the file ends. */
  read(from: number, to: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
}

export function bytesOfBlob(blob: Blob): Bytes {
  return {
    size: blob.size,
    read: async (from, to) => new Uint8Array(await blob.slice(from, to).arrayBuffer()),
  };
}
