// Japanese: recordings that are chosen, and how they are taken away.

import type { Later } from "../en/later";
import { about, bytes, plurals } from "../format";

const plural = plurals("ja");

export const choosingTexts: Later["choosing"] = {
  heading: "選択中",
  start: "選択",
  choose: (name, at) => `${name}（${at}）を選択`,
  chooseDay: (day) => `${day} をすべて選択`,
  all: "表示中のすべてを選択",
  none: "選択を解除",
  keys: {
    next: "次の録画",
    previous: "前の録画",
    choose: "この録画の選択を切り替え",
    down: "下へ選択",
    up: "上へ選択",
  },
  sum: (n, ms, size) => `${plural(n, { other: "録画 #件" })}・${about(ms)}・${bytes(size)}`,
  download: (n) => plural(n, { other: "#件をダウンロード" }),
  export: "まとめて書き出し",
  exportTakes: (from, to) => `書き出しには ${from} から ${to} までのすべてが入ります。`,
  saving: (n, all) => `ダウンロード中：${all} 件中 ${n} 件目`,
  failed: (name, at) => `${name}（${at}）をダウンロードできませんでした。`,
  failedMore: (n) => plural(n, { other: "ほか #件をダウンロードできませんでした。" }),
  timestamps: "ダウンロードに時刻を付ける",
  timestampsHelp: "アーカイブのタイムゾーンで、消せる字幕として付けます",
};
