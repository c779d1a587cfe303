#!/bin/sh
# Renders the demo's clips anew: draws the scenes (render/*.rs, needs rustc) and encodes them
# (needs Debian's ffmpeg). The results are committed; run it only after changing a scene.
#
# door:   H.264 High, AAC        + sub-stream
# drive:  H.264 High, B-frames   + sub-stream
# garden: H.264 Main             + sub-stream with G.711
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rustc -O --edition 2024 -o "$work/render" "$here/render/main.rs"

ff() { ffmpeg -hide_banner -loglevel error -nostdin -y "$@"; }
draw() { echo "$1 25 20" | "$work/render" | ff -f rawvideo -pix_fmt rgb24 -s 1280x720 -r 25 -i - \
    -c:v libx264rgb -preset ultrafast -qp 0 "$work/$1.mkv"; }

# Sounds of our own: wind and birds by the door, crickets in the garden.
wind="anoisesrc=a=0.06:c=brown:r=16000:d=20:seed=7,tremolo=f=0.2:d=0.6"
chirp="aevalsrc='0.10*sin(2*PI*(2600+500*sin(60*t))*t)*lt(mod(t,2.5),0.32)*sin(PI*mod(t,2.5)/0.32)':s=16000:d=20"
cricket="aevalsrc='0.05*sin(2*PI*2300*t)*gt(sin(2*PI*17*t),0.2)*lt(mod(t,1.25),0.6)':s=8000:d=20"
ff -f lavfi -i "$wind" -f lavfi -i "$chirp" -filter_complex amix=inputs=2:normalize=0 "$work/door.wav"
ff -f lavfi -i "$cricket" "$work/garden.wav"

common="-pix_fmt yuv420p -colorspace bt709 -color_primaries bt709 -color_trc bt709 -movflags +faststart"
scale="scale=out_color_matrix=bt709:out_range=tv"
video() { # scene profile rate crf b-frames
    ff -i "$work/$1.mkv" -vf "$scale" -c:v libx264 -preset slow -profile:v "$2" -crf "$4" \
        -maxrate "$3" -bufsize "$3" -bf "$5" -g 50 -keyint_min 50 -sc_threshold 0 \
        -x264-params open-gop=0:rc-lookahead=50 $common "$work/$1-main.mp4"
    ff -i "$work/$1.mkv" -vf "fps=12.5,scale=640:360:out_color_matrix=bt709:out_range=tv" \
        -c:v libx264 -preset slow -profile:v baseline -crf 27 -g 25 -keyint_min 25 \
        -sc_threshold 0 $common "$work/$1-sub.mp4"
}
for scene in door drive garden; do draw "$scene"; done
video door high 1500k 24 0
video drive high 1500k 24 2
video garden main 1200k 24 0

ff -i "$work/door-main.mp4" -i "$work/door.wav" -c:v copy -c:a aac -b:a 32k -ac 1 -shortest \
    -movflags +faststart "$here/door-main.mp4"
ff -i "$work/door-sub.mp4" -c copy -movflags +faststart "$here/door-sub.mp4"
cp "$work/drive-main.mp4" "$work/drive-sub.mp4" "$work/garden-main.mp4" "$here/"
ff -i "$work/garden-sub.mp4" -i "$work/garden.wav" -c:v copy -c:a pcm_mulaw -ar 8000 -ac 1 -shortest \
    -f mov -movflags +faststart "$here/garden-sub.mp4"
ls -l "$here"/*.mp4
