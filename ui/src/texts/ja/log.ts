// Japanese: the recorder's own log. Its lines stay as they are.

import type { LogTexts } from "../en/log";
import { plurals } from "../format";

const plural = plurals("ja");

export const logTexts: LogTexts = {
  intro:
    "レコーダーが起動してから記録した動作の内容です。パスワードは含まれません。それより古いものはシステムのログにあります。",
  filters: "表示する行",
  level: "重要度",
  levels: {
    debug: "すべて",
    info: "詳細を除く",
    warn: "警告とエラー",
    error: "エラーのみ",
  },
  search: "ログを検索",
  lines: "ログの行",
  beginning: "保持されている行はここからです。",
  toEnd: "最新へ",
  fresh: (n) => plural(n, { other: "新しい行 # 件" }),
  lost: (n) => plural(n, { other: "この間の # 行はもう保持されていません" }),
  restarted: "ここでレコーダーが再起動しました",
  noneHeading: "まだ何も記録されていません",
  noneDetail: "これから記録される内容は、ここに自動的に表示されます。",
  notFoundHeading: "該当する行がありません",
  notFoundDetail:
    "保持されている行に、条件に合うものはありません。新しく合うものがあれば、ここに自動的に表示されます。",
  all: "すべての行を表示",
  copied: "表示中の行をコピーしました",
  marked: "行を選択しました。今コピーしてください。",
  save: "テキストとして保存",
  inLog: "ログで見る",
  inLogOf: (subject) => `${subject} をログで見る`,
};
