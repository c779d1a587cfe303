// Japanese: the list of recordings.

import type { Later } from "../en/later";

const streams = (name: string) => (name === "main" ? "メイン" : name === "sub" ? "サブ" : name);

export const recordingsTexts: Later["recordings"] = {
  heading: "録画",
  filters: "絞り込み",
  camera: "カメラ",
  anyCamera: "すべてのカメラ",
  stream: "ストリーム",
  anyStream: "すべてのストリーム",
  firstStream: "メインストリーム",
  onlyStream: (name) => (name === "sub" ? "サブストリーム" : `ストリーム「${name}」`),
  streamName: streams,
  clear: "すべて表示",
  from: "開始",
  to: "終了",
  ranges: {
    hour: "直近 1 時間",
    today: "今日",
    yesterday: "昨日",
    week: "直近 7 日間",
    any: "全期間",
    own: "期間を指定…",
  },
  range: "期間",
  trim: "期間で切り出す",
  trimHelp: "指定した期間の中だけを再生・ダウンロードします",
  columns: {
    start: "開始",
    length: "長さ",
    camera: "カメラ",
    picture: "映像",
    size: "サイズ",
    rate: "レート",
    end: "終了理由",
  },
  growing: "録画中",
  goesOn: "続きあり",
  trimmed: "切り出し",
  end: "これより古い録画はありません",
  noneHeading: "該当する録画はありません",
  noneDetail: "この期間の録画はありません。期間を広げるか、別のカメラを選んでください。",
  emptyHeading: "まだ録画がありません",
  emptyDetail: "カメラが接続されると、1 秒後に最初の録画がここに表示されます。",
  badRange: "終了が開始より前になっています。",
  play: (name, at) => `${name}（${at}）を再生`,
  download: (name, at) => `${name}（${at}）をダウンロード`,
  openTimeline: "タイムラインで開く",
};
