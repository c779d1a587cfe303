// Chinese: recordings that are chosen, and how they are taken away.

import type { Later } from "../en/later";
import { about, bytes, plurals } from "../format";

const plural = plurals("zh");

export const choosingTexts: Later["choosing"] = {
  heading: "已选内容",
  start: "选择",
  choose: (name, at) => `选择${name}，${at}`,
  chooseDay: (day) => `选择${day}的全部`,
  all: "选择显示的全部",
  none: "取消选择",
  keys: {
    next: "下一段录像",
    previous: "上一段录像",
    choose: "选择或取消此段",
    down: "向下选择",
    up: "向上选择",
  },
  sum: (n, ms, size) => `${plural(n, { other: "# 段录像" })} · ${about(ms)} · ${bytes(size)}`,
  download: (n) => plural(n, { other: "下载 # 个文件" }),
  export: "合并导出",
  exportTakes: (from, to) => `导出会包含从 ${from} 到 ${to} 的全部内容。`,
  saving: (n, all) => `正在下载第 ${n} 个，共 ${all} 个`,
  failed: (name, at) => `${name}，${at} 未能下载。`,
  failedMore: (n) => plural(n, { other: "另有 # 个未能下载。" }),
  timestamps: "下载时附带时间",
  timestampsHelp: "作为可关闭的字幕，按档案的时区显示",
};
