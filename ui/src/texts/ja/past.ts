// Japanese: lanes of the timeline, what is taken out of a marked range, pictures instead of a film.

import type { Catalogue } from "../en";
import { number } from "../format";

export const pastTexts: Catalogue["past"] = {
  lanes: "レーン",
  stack: "カメラごとに 1 レーン",
  merge: "全カメラを 1 レーンに",
  lacks: (name, why) => `${name}：${why}`,
  allLack: (why) => `すべてのカメラ：${why}`,
  more: (cameras) => `ほか ${number(cameras)} 台`,
  take: "選択範囲をダウンロード",
  export: "選択範囲を書き出す",
  exportShort: "書き出し",
  single: "1 台のカメラ",
  together: (cameras) => `カメラ ${number(cameras)} 台を 1 ファイルに`,
  togetherHelp: "カメラごとに 1 トラック。編集ソフトはすべて、プレーヤーは 1 つずつ表示します。",
  markTen: "10 秒を選択",
  before: "前の録画",
  noneBefore: "これより前に録画はありません。",
  noneAfter: "これより後に録画はありません。",
  oldest: (when) => `最も古い録画：${when}`,
  toOldest: "最も古い録画へ移動",
  endMissing: "次に終了点を設定してください",
  startMissing: "次に開始点を設定してください",
  pulls:
    "ここをドラッグするとタイムラインが動きます。クリックでその時刻へ移動し、上の時刻の目盛りをドラッグすると映像をたどれます。",
  understood: "わかりました",
  pictures: "静止画",
  helps: "Firefox、Safari、またはこの端末のプレーヤーなら再生できます。",
  record: "サブストリームを H.264 で録画する方法もあります。",
  helpsElse: "この端末のプレーヤーなら再生できます。ダウンロードしてください。",
  timelineShows:
    "タイムラインでは静止画で見られます。ファイルはこの端末のプレーヤーで再生できます。",
  sub: "サブストリーム",
  minute: "この 1 分をダウンロード",
  film: "動画をもう一度試す",
};
