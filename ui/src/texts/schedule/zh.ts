// Chinese: schedules, and recording on demand.

import type { ScheduleTexts } from "./en";

export const zh: ScheduleTexts = {
  when: "何时录像",
  always: "始终",
  weekly: "指定时间",
  help: "实时画面始终保持。时间以录像机的时区为准。",
  days: "星期",
  from: "开始",
  to: "结束",
  row: (n) => `时段 ${n}`,
  add: "添加时段",
  remove: (n) => `删除时段 ${n}`,
  noDays: "请选择日期。",
  noLength: "开始与结束相同。全天请填 00:00 至 00:00。",
  needsTime: "请填写开始和结束时间。",
  everyDay: "每天",
  daysFromTo: (first, last) => `${first}至${last}`,
  allDay: (days) => `${days}全天`,
  span: (days, from, to) => `${days} ${from} 至 ${to}`,
  overnight: (days, from, to) => `${days} ${from} 至次日 ${to}`,
  means: (times) => `录像时间：${times}。`,
  meansAlways: "全天候录像。",

  now: "立即录像",
  nowOf: (name) => `立即录像：${name}`,
  nowFor: (length) => `录制 ${length}`,
  begun: (name, until) => `${name} 录制至 ${until}`,
  ended: (name) => `${name} 已恢复按设置录像`,
  until: (until, left) => `手动录像至 ${until}，剩余 ${left}`,
  stop: "停止",
  stopOf: (name) => `停止手动录制 ${name}`,
  longer: (length) => `从现在起 ${length}`,
  outsideUntil: (at) => `计划时间之外，下次 ${at}`,
  insideUntil: (at) => `按计划录至 ${at}`,
  failed: (why) => `未作更改：${why}`,
};
