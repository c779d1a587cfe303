// Japanese: groups of cameras, their arrangement, kiosk, and what a live tile can do.

import type { Catalogue } from "../en";
import { number } from "../format";

export const wallTexts: Catalogue["wall"] = {
  groups: {
    heading: "カメラのグループ",
    button: "グループ",
    all: "すべてのカメラ",
    none: "一緒に見たいカメラを好きな順でグループにまとめられます。グループはこの端末に保存されます。",
    make: "新しいグループ",
    change: (name) => `グループ「${name}」を変更`,
    name: "グループ名",
    cameras: "このグループのカメラ",
    up: (name) => `${name}を上へ`,
    down: (name) => `${name}を下へ`,
    save: "保存",
    remove: "このグループを削除",
    removeSure: (name) => `本当に「${name}」を削除しますか？`,
    needName: "名前を付けてください。",
    needCamera: "カメラを1台以上選んでください。",
    empty: "このグループのカメラはもうありません",
    emptyDetail: "グループを変更するか、すべてのカメラを表示してください。",
  },
  arrange: {
    start: "タイルを並べる",
    heading: "タイルを並べる",
    hint: "ドラッグで移動、角のドラッグで大きさを変更。矢印キーで移動、Shiftと矢印キーで大きさを変更。",
    done: "完了",
    undo: "元に戻す",
    automatic: "自動",
    automaticTip: "映像の形に合わせて配置",
    tile: (name, column, row) => `${name}、${number(column)}列、${number(row)}行`,
    size: (across, down) => `幅${number(across)}、高さ${number(down)}`,
    undone: "元に戻しました",
  },
  kiosk: {
    start: "キオスク：映像のみ",
    leave: "キオスクを終了",
    cycle: "キオスクでグループを切り替え",
    never: "しない",
    seconds: (n) => `${number(n)}秒ごと`,
  },
  fallback: {
    stills: (seconds) => `${number(seconds)}秒ごとの画像`,
    hls: "ライブ（少し遅れ）",
    soon: "代わりに静止画を、届きしだい表示します。",
    reasons: {
      blocked: "レコーダーまでの経路がWebSocketを通しません",
      media: "このブラウザーはストリームを再生できません",
      codec: "このブラウザーはカメラの映像を再生できません",
      pictures: "このカメラは静止画を送ります",
      hls: "ストリームを再生できませんでした",
    },
  },
  zoom: {
    in: "映像を拡大",
    out: "映像を縮小",
    reset: "映像全体",
    level: (times) => `${number(times, 1)}倍`,
  },
  more: (name) => `${name}のその他の操作`,
};
