// Simplified Chinese: the recorder's own log. Its lines stay as they are.

import type { LogTexts } from "../en/log";
import { plurals } from "../format";

const plural = plurals("zh");

export const logTexts: LogTexts = {
  intro: "录像机自启动以来记录的运行情况，不含密码。更早的内容在系统日志中。",
  filters: "显示哪些行",
  level: "重要程度",
  levels: {
    debug: "全部",
    info: "不含细节",
    warn: "警告和错误",
    error: "仅错误",
  },
  search: "在日志中搜索",
  lines: "日志内容",
  beginning: "保留的日志从这里开始。",
  toEnd: "到最新处",
  fresh: (n) => plural(n, { other: "# 行新内容" }),
  lost: (n) => plural(n, { other: "其间有 # 行已不再保留" }),
  restarted: "录像机在此处重新启动",
  noneHeading: "还没有内容",
  noneDetail: "录像机之后记录的内容会自动显示在这里。",
  notFoundHeading: "没有符合的行",
  notFoundDetail: "保留的日志中没有符合条件的行。一旦出现，会自动显示在这里。",
  all: "显示所有行",
  copied: "已复制显示的行",
  marked: "这些行已选中，请立即复制。",
  save: "另存为文本",
  inLog: "查看日志",
  inLogOf: (subject) => `${subject}：查看日志`,
};
