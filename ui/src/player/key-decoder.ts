// Turns one key frame into one picture. Nothing is kept between two of them but the decoder.

import type { KeyConfig, KeyFrame } from "./key-frames";

/** A picture that can be drawn; whoever got it closes it. */
export type Picture = VideoFrame | ImageBitmap;

/** Browsers decode only on pages that came by a safe way: not over plain http from elsewhere. */
export function canDecode(): boolean {
  return typeof VideoDecoder === "function";
}

const answers = new Map<string, Promise<boolean>>();

/** Whether the browser says that it decodes this; true where it does not say. Asked once. */
export function takes(codec: string): Promise<boolean> {
  if (codec === "jpeg" || typeof VideoDecoder.isConfigSupported !== "function") {
    return Promise.resolve(true);
  }
  let answer = answers.get(codec);
  if (!answer) {
    answer = VideoDecoder.isConfigSupported({ codec })
      .then(({ supported }) => supported !== false)
      .catch(() => true);
    answers.set(codec, answer);
  }
  return answer;
}

/** A picture that takes longer will not come. */
const PATIENCE_MS = 4_000;

export class KeyDecoder {
  private decoder: VideoDecoder | undefined;
  private config: KeyConfig | undefined;
  private take: ((picture: VideoFrame) => void) | undefined;
  private refuse: ((error: unknown) => void) | undefined;

  /** One at a time. Rejects where the browser cannot. */
  async decode(frame: KeyFrame): Promise<Picture> {
    if (frame.config.codec === "jpeg") return createImageBitmap(new Blob([frame.bytes]));
    const decoder = this.configured(frame.config);
    // What becomes of this one may be known when the next is under way: it is said to this one.
    let refuse: (error: unknown) => void = () => {};
    const got = new Promise<VideoFrame>((resolve, reject) => {
      this.take = resolve;
      refuse = reject;
    });
    this.refuse = refuse;
    const timer = setTimeout(() => refuse(new Error("no picture came")), PATIENCE_MS);
    try {
      const timestamp = Math.round(frame.at * 1000);
      decoder.decode(new EncodedVideoChunk({ type: "key", timestamp, data: frame.bytes }));
      // Without it a decoder holds pictures back that others might be shown before.
      decoder.flush().then(() => refuse(new Error("the decoder gave no picture")), refuse);
      return await got;
    } catch (error) {
      this.close();
      throw error;
    } finally {
      clearTimeout(timer);
      this.take = undefined;
      this.refuse = undefined;
    }
  }

  close(): void {
    if (this.decoder && this.decoder.state !== "closed") this.decoder.close();
    this.decoder = undefined;
    this.config = undefined;
  }

  private configured(config: KeyConfig): VideoDecoder {
    this.decoder ??= new VideoDecoder({
      output: (picture) => {
        if (this.take) this.take(picture);
        else picture.close();
        this.take = undefined;
      },
      error: (error) => this.refuse?.(error),
    });
    if (!this.config || !same(this.config, config)) {
      this.decoder.configure({
        codec: config.codec,
        description: config.description,
        optimizeForLatency: true,
      });
      this.config = config;
    }
    return this.decoder;
  }
}

function same(a: KeyConfig, b: KeyConfig): boolean {
  if (a === b) return true;
  if (a.codec !== b.codec || a.description.length !== b.description.length) return false;
  return a.description.every((byte, i) => byte === b.description[i]);
}
