// Japanese: schedules, and recording on demand.

import type { ScheduleTexts } from "./en";

export const ja: ScheduleTexts = {
  when: "録画する時間",
  always: "常時",
  weekly: "指定した時間",
  help: "ライブ映像は常に続きます。時刻はレコーダーのタイムゾーンのものです。",
  days: "曜日",
  from: "開始",
  to: "終了",
  row: (n) => `時間帯 ${n}`,
  add: "時間帯を追加",
  remove: (n) => `時間帯 ${n} を削除`,
  noDays: "曜日を選んでください。",
  noLength: "開始と終了が同じです。終日の場合は 00:00 から 00:00 にします。",
  needsTime: "開始と終了の時刻を入力してください。",
  everyDay: "毎日",
  daysFromTo: (first, last) => `${first}〜${last}`,
  allDay: (days) => `${days}は終日`,
  span: (days, from, to) => `${days}の ${from} から ${to} まで`,
  overnight: (days, from, to) => `${days}の ${from} から翌日 ${to} まで`,
  means: (times) => `${times}録画します。`,
  meansAlways: "24 時間録画します。",

  now: "今すぐ録画",
  nowOf: (name) => `今すぐ録画: ${name}`,
  nowFor: (length) => `${length}録画`,
  begun: (name, until) => `${name} を ${until} まで録画します`,
  ended: (name) => `${name} は設定どおりの録画に戻りました`,
  until: (until, left) => `手動録画中: ${until} まで (残り ${left})`,
  stop: "停止",
  stopOf: (name) => `${name} の手動録画を停止`,
  longer: (length) => `今から ${length}`,
  outsideUntil: (at) => `スケジュール外 (次は ${at})`,
  insideUntil: (at) => `スケジュールにより ${at} まで`,
  failed: (why) => `変更できませんでした: ${why}`,
};
