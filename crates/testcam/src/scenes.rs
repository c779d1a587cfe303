//! The demo's scenes, inside the program: three cameras, a main and a sub-stream each. They are
//! made by `clips/render.sh`.

/// Name and MP4 file of every clip: `<scene>-<stream>`.
pub static SCENES: [(&str, &[u8]); 6] = [
    ("door-main", include_bytes!("../clips/door-main.mp4")),
    ("door-sub", include_bytes!("../clips/door-sub.mp4")),
    ("drive-main", include_bytes!("../clips/drive-main.mp4")),
    ("drive-sub", include_bytes!("../clips/drive-sub.mp4")),
    ("garden-main", include_bytes!("../clips/garden-main.mp4")),
    ("garden-sub", include_bytes!("../clips/garden-sub.mp4")),
];
