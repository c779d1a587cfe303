// Simplified Chinese: playing and marking on the timeline.

import type { Catalogue } from "../en";
import { duration } from "../format";

export const watchingTexts: Catalogue["watching"] = {
  backwards: "倒放",
  stop: "停止",
  noneNewer: "没有比实时更新的画面",
  loop: "循环播放选定范围",
  loopEnd: "停止循环",
  protect: "保护选定范围",
  unprotect: "撤销保护",
  kept: (ms) => `已保护 ${duration(ms)}：空间不足时也不会删除`,
  failed: "无法保护，请重试。",
  given: "已撤销保护。",
  moves: "有动静",
  protected: "已保护",
};
