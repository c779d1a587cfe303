// Where cameras of common brands commonly have their streams. Models differ: it is only a proposal,
// which whoever adds a camera can change.

export interface Brand {
  id: string;
  /** As its maker writes it. */
  name: string;
  /** Path of the main stream. */
  main: string;
  /** Path of the sub-stream, where that is the same on all models. */
  sub?: string;
}

export const BRANDS: readonly Brand[] = [
  {
    ...{ id: "axis", name: "Axis" },
    main: "/axis-media/media.amp?videocodec=h264",
    sub: "/axis-media/media.amp?videocodec=h264&resolution=640x360",
  },
  { id: "bosch", name: "Bosch", main: "/?inst=1", sub: "/?inst=2" },
  {
    ...{ id: "dahua", name: "Dahua, Amcrest" },
    main: "/cam/realmonitor?channel=1&subtype=0",
    sub: "/cam/realmonitor?channel=1&subtype=1",
  },
  { id: "foscam", name: "Foscam", main: "/videoMain", sub: "/videoSub" },
  { id: "hanwha", name: "Hanwha, Wisenet", main: "/profile2/media.smp" },
  {
    ...{ id: "hikvision", name: "Hikvision" },
    main: "/Streaming/Channels/101",
    sub: "/Streaming/Channels/102",
  },
  {
    ...{ id: "reolink", name: "Reolink" },
    main: "/h264Preview_01_main",
    sub: "/h264Preview_01_sub",
  },
  { id: "tapo", name: "TP-Link Tapo", main: "/stream1", sub: "/stream2" },
  { id: "ubiquiti", name: "Ubiquiti", main: "/s0", sub: "/s1" },
  { id: "uniview", name: "Uniview", main: "/media/video1", sub: "/media/video2" },
  { id: "vivotek", name: "Vivotek", main: "/live.sdp", sub: "/live2.sdp" },
];

/** The host of what somebody wrote as one: also of a whole address, and with a port. */
export function hostOf(text: string): string | undefined {
  const host = text
    .trim()
    .replace(/^\w+:\/\//, "")
    .replace(/^[^@/]*@/, "")
    .replace(/\/.*$/, "");
  return /^(\[[0-9a-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i.test(host) ? host : undefined;
}

/** The addresses of a brand's camera at `host`. */
export function addressesOf(brand: Brand, host: string): { main: string; sub: string } {
  const at = (path: string) => `rtsp://${host}${path}`;
  return { main: at(brand.main), sub: brand.sub === undefined ? "" : at(brand.sub) };
}

/** The sub-stream that goes with a main stream of a path that a brand is known by. */
export function subOf(main: string): string | undefined {
  const [, host, path] = /^(rtsp:\/\/[^/?]+)(.*)$/i.exec(main.trim()) ?? [];
  const brand = BRANDS.find((one) => one.main === path);
  return host !== undefined && brand?.sub !== undefined ? host + brand.sub : undefined;
}

/** An address without the login that may stand in it, and that login. */
export function splitLogin(text: string): { url: string; username?: string; password?: string } {
  const [, scheme, login, rest] = /^\s*(rtsp:\/\/)([^/]*)@([^@]*)$/i.exec(text) ?? [];
  if (scheme === undefined || login === undefined || rest === undefined)
    return { url: text.trim() };
  const [username = "", ...more] = login.split(":");
  const plain = (part: string) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  };
  const password = more.length > 0 ? { password: plain(more.join(":")) } : {};
  return { url: scheme + rest.trim(), username: plain(username), ...password };
}
