// Chinese: groups of cameras, their arrangement, kiosk, and what a live tile can do.

import type { Catalogue } from "../en";
import { number } from "../format";

export const wallTexts: Catalogue["wall"] = {
  groups: {
    heading: "摄像机分组",
    button: "分组",
    all: "所有摄像机",
    none: "把相关的摄像机按自己的顺序放进一个分组。分组保存在这台设备上。",
    make: "新建分组",
    change: (name) => `更改分组“${name}”`,
    name: "分组名称",
    cameras: "此分组中的摄像机",
    up: (name) => `上移${name}`,
    down: (name) => `下移${name}`,
    save: "保存",
    remove: "删除此分组",
    removeSure: (name) => `确定删除“${name}”吗？`,
    needName: "请输入名称。",
    needCamera: "请至少选择一台摄像机。",
    empty: "此分组的摄像机已不存在",
    emptyDetail: "请更改分组，或显示所有摄像机。",
  },
  arrange: {
    start: "排列画面",
    heading: "排列画面",
    hint: "拖动可移动，拖动角可调整大小。方向键移动，Shift加方向键调整大小。",
    done: "完成",
    undo: "撤销",
    automatic: "自动",
    automaticTip: "按画面形状排列",
    tile: (name, column, row) => `${name}，第${number(column)}列，第${number(row)}行`,
    size: (across, down) => `宽${number(across)}，高${number(down)}`,
    undone: "已撤销",
  },
  kiosk: {
    start: "展示模式：只显示画面",
    leave: "退出展示模式",
    cycle: "展示模式切换分组",
    never: "从不",
    seconds: (n) => `每${number(n)}秒`,
  },
  fallback: {
    stills: (seconds) => `每${number(seconds)}秒一张画面`,
    hls: "实时，略有延迟",
    soon: "一有静态画面，就会显示出来代替视频。",
    reasons: {
      blocked: "通往录像机的线路不允许WebSocket通过",
      media: "此浏览器无法播放视频流",
      codec: "此浏览器无法播放摄像机发送的内容",
      pictures: "此摄像机发送单张画面",
      hls: "视频流无法播放",
    },
  },
  zoom: {
    in: "放大画面",
    out: "缩小画面",
    reset: "完整画面",
    level: (times) => `${number(times, 1)}倍`,
  },
  more: (name) => `${name}的更多操作`,
};
