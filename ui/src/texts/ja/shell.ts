// Japanese: what stands around every page.

import type { Catalogue } from "../en";
import { plurals } from "../format";

const plural = plurals("ja");

export const shellTexts: Catalogue["shell"] = {
  language: "言語",
  languageAsDevice: "端末に合わせる",
  updated: "レコーダーとこのページが更新されました。",
  palette: {
    open: "検索",
    label: "操作とカメラ",
    placeholder: "何をしますか？",
    none: (words) => `「${words}」に当てはまるものはありません。`,
    found: (n) => plural(n, { other: "#件" }),
    goTo: (page) => `${page}へ移動`,
    theme: (name) => `テーマ：${name}`,
    language: (name) => `言語：${name}`,
    groups: {
      page: "このページ",
      places: "ページ",
      cameras: "カメラ",
      application: "アプリ",
    },
  },
  help: {
    heading: "キーボードショートカット",
    everywhere: "共通",
    or: "または",
  },
  keys: {
    space: "スペース",
    escape: "Esc",
    end: "End",
    enter: "Enter",
  },
  problems: {
    offline: "レコーダーに接続できません。ネットワークを確認して、もう一度お試しください。",
    unexpected: "レコーダーの応答を読み取れません。しばらくしてからもう一度お試しください。",
    "bad-input": "リクエストに誤りがあります。修正して、もう一度お試しください。",
    "not-signed-in": "サインインしていません。サインインして、もう一度お試しください。",
    "wrong-password": "ユーザー名またはパスワードが違います。",
    "not-set-up":
      "このレコーダーにはまだアカウントがありません。最初のアカウントを作成してください。",
    forbidden: "このアカウントには権限がありません。アカウントの管理者が変更できます。",
    "unknown-host":
      "レコーダーはアドレスの名前を認識していません。IP アドレスを使うか、その名前を設定に追加してください。",
    "foreign-origin": "別のサイトからのリクエストのため、拒否されました。",
    "not-found": "対象はもう存在しません。戻って選び直してください。",
    "no-footage": "その時刻の録画はありません。別の時刻を選んでください。",
    "clip-too-long": "1 つのファイルには長すぎます。期間を短くしてください。",
    "playlist-too-long": "一度に再生するには長すぎます。期間を短くしてください。",
    undecodable: "この録画から画像を作れません。代わりにダウンロードしてください。",
    "method-not-allowed": "レコーダーではこの操作ができません。ページを読み込み直してください。",
    "managed-by-file": "これは設定ファイルで管理されています。ファイルを変更してください。",
    "name-taken": "この名前はすでに使われています。別の名前にしてください。",
    "in-use": "一部が保護されているか、まだ使われています。先に解除して、もう一度お試しください。",
    conflict: "既存の内容と競合しています。現在の内容を確認して、もう一度お試しください。",
    "no-room": "空き容量がありません。容量を空けて、もう一度お試しください。",
    "precondition-failed":
      "ほかの人が先に変更しました。ページを読み込み直して、もう一度お試しください。",
    "too-large": "一度に受け付けられる量を超えています。量を減らしてください。",
    "unsupported-media-type": "この種類のファイルは受け付けられません。",
    "range-not-satisfiable": "ファイルはそれより短いです。最初からやり直してください。",
    "too-many-attempts": "試行回数が多すぎます。少し待ってから、もう一度お試しください。",
    busy: "レコーダーの処理が混み合っています。しばらくしてからもう一度お試しください。",
    "not-live": "カメラから映像が届いていません。届き次第、自動的に表示されます。",
    "still-reading":
      "レコーダーがアーカイブを読み込んでいます。しばらくしてからもう一度お試しください。",
    unavailable: "レコーダーの一部が動作していません。アラームを確認して、もう一度お試しください。",
    internal:
      "レコーダーでエラーが発生しました。もう一度お試しください。続く場合はログを確認してください。",
  },
};
