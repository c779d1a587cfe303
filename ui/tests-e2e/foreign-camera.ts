// A camera that is not ours: GStreamer's RTSP server with an encoder of its own.

import { spawn } from "node:child_process";

const SCRIPT = `
import sys, gi
gi.require_version("Gst", "1.0"); gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gst, GLib, GstRtspServer
Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1"); server.set_service("0")
factory = GstRtspServer.RTSPMediaFactory()
factory.set_shared(True)
factory.set_launch("( " + sys.argv[1] + " )")
server.get_mount_points().add_factory("/cam", factory)
server.attach(None)
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
`;

/** H.265 with a key frame a second. */
export const H265 =
  "videotestsrc is-live=true pattern=ball " +
  "! video/x-raw,format=I420,width=320,height=180,framerate=15/1 " +
  "! x265enc tune=zerolatency speed-preset=ultrafast key-int-max=15 bitrate=300 " +
  "! h265parse config-interval=-1 ! rtph265pay name=pay0 pt=96";

/** H.264 with a key frame a second. */
export const H264_BALL =
  "videotestsrc is-live=true pattern=ball " +
  "! video/x-raw,format=I420,width=320,height=180,framerate=15/1 " +
  "! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15 bitrate=300 " +
  "! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96";

/** H.264, small, with a key frame a second. */
export const H264 =
  "videotestsrc is-live=true pattern=smpte " +
  "! video/x-raw,format=I420,width=192,height=108,framerate=15/1 " +
  "! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15 bitrate=200 " +
  "! video/x-h264,profile=baseline ! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96";

export interface ForeignCamera {
  url: string;
  end(): Promise<void>;
}

/** Serves what `pipeline` makes. */
export const startForeignCamera = (pipeline: string) => startCamera(SCRIPT, pipeline);

/** Runs a camera's `script`, which says its port in its first line. */
export async function startCamera(script: string, ...args: string[]): Promise<ForeignCamera> {
  const child = spawn("/usr/bin/python3", ["-c", script, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<void>((resolve) => child.on("exit", () => resolve()));
  let complaint = "";
  child.stderr?.on("data", (bytes: Buffer) => {
    complaint += bytes;
  });
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout?.once("data", (bytes: Buffer) => resolve(String(bytes).trim()));
    child.on("exit", (code) =>
      reject(new Error(`the camera ended with ${code} (is python3-gi there?):\n${complaint}`)),
    );
  });
  return {
    url: `rtsp://127.0.0.1:${port}/cam`,
    async end() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
