// Japanese: playing and marking on the timeline.

import type { Catalogue } from "../en";
import { duration } from "../format";

export const watchingTexts: Catalogue["watching"] = {
  backwards: "逆再生",
  stop: "停止",
  noneNewer: "ライブより新しい映像はありません",
  loop: "選択範囲を繰り返す",
  loopEnd: "繰り返しをやめる",
  protect: "選択範囲を保護",
  unprotect: "保護を取り消す",
  kept: (ms) => `${duration(ms)} を保護しました。容量が不足しても削除されません`,
  failed: "保護できませんでした。もう一度お試しください。",
  given: "保護を取り消しました。",
  moves: "動きあり",
  protected: "保護済み",
};
