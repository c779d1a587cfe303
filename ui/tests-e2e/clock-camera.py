# A camera that films a clock: each picture says in black and white blocks when it was made. The stamp is
# taken as the picture is given to the encoder, so the encoder's time counts as the camera's.
# Arguments: blocks across, blocks down, bits of the sum, pictures from key frame to key frame, then a width
# for each stream /0, /1, ...

import sys
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

ACROSS, DOWN, SUM_BITS, KEY_EVERY = (int(each) for each in sys.argv[1:5])
FPS = 25
WHITE, GREY, BLACK = 235, 128, 16
# The largest prime below 2^16.
PRIME = 65521


def bits(instant):
    whole = instant << SUM_BITS | instant % PRIME
    return [whole >> (ACROSS * DOWN - 1 - i) & 1 for i in range(ACROSS * DOWN)]


class Clock:
    """Pictures of one stream, in I420: the blocks fill the upper half."""

    def __init__(self, wide):
        self.wide, self.high = wide, wide * 9 // 16
        self.tall = self.high // (2 * DOWN)
        self.blocks = [bytes([luma]) * (wide // ACROSS) for luma in (BLACK, WHITE)]
        below = self.high - DOWN * self.tall
        self.rest = bytes([GREY]) * (wide * below + wide * self.high // 2)

    def picture(self):
        told = bits(time.time_ns() // 1_000_000)
        rows = []
        for row in range(DOWN):
            line = b"".join(self.blocks[bit] for bit in told[row * ACROSS : (row + 1) * ACROSS])
            rows.append(line * self.tall)
        return b"".join(rows) + self.rest


def film(_factory, media, clock):
    source = media.get_element().get_by_name("source")

    def push():
        source.emit("push-buffer", Gst.Buffer.new_wrapped(clock.picture()))
        return True

    timer = GLib.timeout_add(1000 // FPS, push)
    media.connect("unprepared", lambda _: GLib.source_remove(timer))


Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service("0")
for number, wide in enumerate(map(int, sys.argv[5:])):
    clock = Clock(wide)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_shared(True)
    factory.set_launch(
        "( appsrc name=source is-live=true do-timestamp=true format=time "
        f"caps=video/x-raw,format=I420,width={wide},height={clock.high},framerate={FPS}/1 "
        f"! x264enc tune=zerolatency speed-preset=ultrafast key-int-max={KEY_EVERY} bitrate=1000 "
        "! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96 )"
    )
    factory.connect("media-configure", film, clock)
    server.get_mount_points().add_factory(f"/{number}", factory)
server.attach(None)
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
