// Simplified Chinese: what stands around every page.

import type { Catalogue } from "../en";
import { plurals } from "../format";

const plural = plurals("zh");

export const shellTexts: Catalogue["shell"] = {
  language: "语言",
  languageAsDevice: "跟随设备",
  updated: "录像机已更新，本页也有了新版本。",
  palette: {
    open: "搜索",
    label: "操作和摄像机",
    placeholder: "您想做什么？",
    none: (words) => `没有找到“${words}”。`,
    found: (n) => plural(n, { other: "# 个结果" }),
    goTo: (page) => `前往${page}`,
    theme: (name) => `主题：${name}`,
    language: (name) => `语言：${name}`,
    groups: {
      page: "本页",
      places: "页面",
      cameras: "摄像机",
      application: "应用",
    },
  },
  help: {
    heading: "键盘快捷键",
    everywhere: "通用",
    or: "或",
  },
  keys: {
    space: "空格",
    escape: "Esc",
    end: "End",
    enter: "回车",
  },
  problems: {
    offline: "无法连接录像机。请检查网络后重试。",
    unexpected: "无法识别录像机的响应。请稍后重试。",
    "bad-input": "请求有误。请修改后重试。",
    "not-signed-in": "您尚未登录。请登录后重试。",
    "wrong-password": "用户名或密码错误。",
    "not-set-up": "这台录像机还没有账户。请创建第一个账户。",
    forbidden: "您的账户没有此权限。账户管理员可以更改。",
    "unknown-host": "录像机不认识地址中的主机名。请使用它的 IP 地址，或将该名称加入配置。",
    "foreign-origin": "请求来自其他网站，已被拒绝。",
    "not-found": "该内容已不存在。请返回重新选择。",
    "no-footage": "该时刻没有录像。请选择其他时间。",
    "clip-too-long": "对单个文件来说太长。请选择更短的时间。",
    "playlist-too-long": "一次播放的时间太长。请选择更短的时间。",
    undecodable: "无法从这段录像生成图片。请改为下载。",
    "method-not-allowed": "录像机不支持此操作。请重新加载页面。",
    "managed-by-file": "此项由配置文件设定，请在文件中修改。",
    "name-taken": "该名称已被使用。请换一个名称。",
    "in-use": "其中有受保护或仍在使用的内容。请先解除后重试。",
    conflict: "与现有内容冲突。请查看现有内容后重试。",
    "no-room": "空间不足。请腾出空间后重试。",
    "precondition-failed": "其他人已修改此内容。请重新加载页面后重试。",
    "too-large": "超出录像机一次可接收的大小。请减少内容。",
    "unsupported-media-type": "录像机不接受此类文件。",
    "range-not-satisfiable": "文件没有这么长。请从头开始。",
    "too-many-attempts": "尝试次数过多。请稍候再试。",
    busy: "录像机正忙。请稍后重试。",
    "not-live": "摄像机目前没有画面，恢复后会自动显示。",
    "still-reading": "录像机仍在读取存档。请稍后重试。",
    unavailable: "录像机的一部分发生故障。请查看告警后重试。",
    internal: "录像机内部出错。请重试；如仍出错，请查看日志。",
  },
};
