// Simplified Chinese: lanes of the timeline, what is taken out of a marked range, pictures instead of a film.

import type { Catalogue } from "../en";
import { number } from "../format";

export const pastTexts: Catalogue["past"] = {
  lanes: "轨道",
  stack: "每台摄像机一条轨道",
  merge: "所有摄像机共用一条轨道",
  lacks: (name, why) => `${name}：${why}`,
  allLack: (why) => `所有摄像机：${why}`,
  more: (cameras) => `另有 ${number(cameras)} 台摄像机`,
  take: "下载选定范围",
  export: "导出选定范围",
  exportShort: "导出",
  single: "一台摄像机",
  together: (cameras) => `${number(cameras)} 台摄像机合为一个文件`,
  togetherHelp: "每台一条轨道。剪辑软件可全部显示，播放器一次显示一条。",
  markTen: "标记 10 秒",
  before: "上一段录像",
  noneBefore: "此前没有录像。",
  noneAfter: "此后没有录像。",
  oldest: (when) => `最早的录像：${when}`,
  toOldest: "转到最早的录像",
  endMissing: "现在标记终点",
  startMissing: "现在标记起点",
  pulls: "在此拖动会移动时间轴。点击可跳到某一时刻，拖动上方的时刻刻度可浏览画面。",
  understood: "知道了",
  pictures: "静态画面",
  helps: "Firefox、Safari 或本设备上的播放器可以播放。",
  record: "也可以用 H.264 录制子码流。",
  helpsElse: "本设备上的播放器可以播放：请下载。",
  timelineShows: "时间轴会显示其画面，本设备上的播放器可以播放该文件。",
  sub: "子码流",
  minute: "下载这一分钟",
  film: "再试一次播放视频",
};
