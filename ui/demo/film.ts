// A scene that comes round again and again: the sample data behind every camera of the demo. Its
// pictures stand at the same places of every round, and rounds begin at whole multiples of its
// length since 1970, so that each instant of the past has one picture, whoever asks.

import { readClipTable } from "../src/player/clip-table";

/** One picture of the endless film; numbers go on from round to round, in decode order. */
export interface Picture {
  number: number;
  /** Milliseconds since 1970. */
  at: number;
  key: boolean;
  bytes: Uint8Array<ArrayBuffer>;
}

export class Film {
  readonly codec: string;
  readonly description: Uint8Array<ArrayBuffer>;
  /** By how much pictures are shown later than decoded, in milliseconds. */
  readonly delay: number;
  /** From picture to picture, in milliseconds. */
  readonly step: number;
  private samples: { at: number; key: boolean; bytes: Uint8Array<ArrayBuffer> }[];

  /** @param ms how long a round is */
  constructor(
    file: ArrayBuffer,
    readonly ms: number,
    readonly width: number,
    readonly height: number,
  ) {
    const { samples, config } = readClipTable(file);
    if (!config) throw new Error("the scene has no H.264 in it");
    this.codec = config.codec;
    this.description = config.description;
    this.step = ms / samples.length;
    this.samples = samples.map(({ at, key, offset, size }) => ({
      at: Math.round(at / this.step) * this.step,
      key,
      bytes: new Uint8Array(file, offset, size),
    }));
    this.delay = Math.max(...this.samples.map(({ at }, i) => i * this.step - at));
  }

  picture(number: number): Picture {
    const round = Math.floor(number / this.samples.length);
    const sample = this.samples[number - round * this.samples.length];
    if (!sample) throw new Error("pictures have whole numbers");
    return { number, at: round * this.ms + sample.at, key: sample.key, bytes: sample.bytes };
  }

  /** The key frame that has to be decoded for what is seen at `time`. */
  keyBefore(time: number): Picture {
    let picture = this.picture(Math.floor(time / this.step));
    while (!picture.key || picture.at > time) picture = this.picture(picture.number - 1);
    return picture;
  }

  /** The first key frame at `time` or after it. */
  keyFrom(time: number): Picture {
    let picture = this.keyBefore(time);
    while (!picture.key || picture.at < time) picture = this.picture(picture.number + 1);
    return picture;
  }

  /** The number of the last picture, in decode order, that is needed for all before `time`. */
  lastBefore(time: number): number {
    // Groups are closed: none refers to a picture of the next.
    for (let number = this.keyFrom(time).number - 1; ; number--) {
      if (this.picture(number).at < time) return number;
    }
  }
}
