// Chinese: the list of recordings.

import type { Later } from "../en/later";

const streams = (name: string) => (name === "main" ? "主码流" : name === "sub" ? "子码流" : name);

export const recordingsTexts: Later["recordings"] = {
  heading: "录像",
  filters: "筛选",
  camera: "摄像机",
  anyCamera: "所有摄像机",
  stream: "码流",
  anyStream: "所有码流",
  firstStream: "主码流",
  onlyStream: (name) => (name === "sub" ? "子码流" : `码流“${name}”`),
  streamName: streams,
  clear: "显示全部",
  from: "从",
  to: "到",
  ranges: {
    hour: "最近 1 小时",
    today: "今天",
    yesterday: "昨天",
    week: "最近 7 天",
    any: "任何时间",
    own: "自定义时间…",
  },
  range: "时间",
  trim: "按筛选裁剪",
  trimHelp: "只播放和下载所选时间范围内的部分",
  columns: {
    start: "开始",
    length: "时长",
    camera: "摄像机",
    picture: "画面",
    size: "大小",
    rate: "码率",
    end: "结束原因",
  },
  growing: "录像中",
  goesOn: "继续",
  trimmed: "已裁剪",
  end: "没有更早的录像",
  noneHeading: "没有符合的录像",
  noneDetail: "该时间段内没有录像。请扩大范围，或选择其他摄像机。",
  emptyHeading: "还没有录像",
  emptyDetail: "摄像机连接一秒后，第一段录像会显示在这里。",
  badRange: "结束时间早于开始时间。",
  play: (name, at) => `播放 ${name}，${at}`,
  download: (name, at) => `下载 ${name}，${at}`,
  openTimeline: "在时间轴中打开",
};
