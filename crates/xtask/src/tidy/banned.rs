//! Calls that only certain places may make.

use crate::source::Source;

/// What is banned, where it is allowed (crates, or the start of a path), and what to do instead.
const BANNED: &[(&[&str], &[&str], &str)] = &[
    (
        &["SystemTime::now", "Instant::now"],
        &["world", "xtask", "testcam"],
        "take `now` as a parameter or use world::Clock",
    ),
    (
        &["std::env::", "env::var"],
        &["holdfast", "xtask", "crates/api/build.rs"],
        "only the binary reads the environment",
    ),
    (
        &["std::fs", "File::open", "File::create"],
        &["world", "holdfast", "xtask", "testcam", "bench", "crates/api/build.rs"],
        "use world::Disk",
    ),
    (&["rusqlite"], &["catalog"], "only catalog knows SQL"),
    (&["retina::"], &[], "retina is the judge of the tests, and no part of the program"),
    (
        &["TcpStream"],
        &["crates/camera/src/connection.rs", "api", "testcam", "bench"],
        "one file in camera knows sockets",
    ),
    (&["thread::sleep"], &["world", "xtask"], "wait on the shutdown signal or the clock"),
    (&["thread::spawn", "thread::Builder"], &["bench", "holdfast", "xtask"], "steps, not threads"),
    (
        &["println!(", "eprintln!(", "print!("],
        &["holdfast", "xtask", "crates/sim/src/main.rs", "bench", "crates/api/build.rs"],
        "use tracing",
    ),
    (&[".unwrap()"], &[], "return an error, or expect(\"why it holds\")"),
    (&["todo!(", "unimplemented!(", "dbg!("], &["crates/xtask/src/tidy"], "finish it"),
    (&["unsafe {", "unsafe fn", "unsafe impl"], &["world"], "unsafe lives in world"),
    (&["mem::forget", "Box::leak", "unbounded_channel", "mpsc::channel()"], &[], "bound it"),
];

/// Every banned call of one file, outside its tests.
pub fn check(source: &Source) -> Vec<String> {
    let mut breaches = Vec::new();
    for (number, line) in source.lines_outside_tests() {
        let code = line.split("//").next().unwrap_or_default();
        for (calls, allowed, instead) in BANNED {
            let here = |place: &&str| source.krate == **place || source.path.starts_with(*place);
            if source.path.ends_with("tidy/banned.rs") || allowed.iter().any(here) {
                continue;
            }
            for call in calls.iter().filter(|call| code.contains(**call)) {
                breaches.push(format!("{}:{number}: `{call}`: {instead}", source.path));
            }
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(krate: &str, text: &str) -> Source {
        Source {
            krate: krate.to_owned(),
            path: format!("crates/{krate}/src/lib.rs"),
            text: text.to_owned(),
            is_test: false,
        }
    }

    #[test]
    fn a_clock_is_read_in_world_only_and_tests_are_free() {
        assert!(check(&source("world", "let t = Instant::now();")).is_empty());
        assert_eq!(check(&source("live", "let t = Instant::now();")).len(), 1);
        let tested = "fn a() {}\n#[cfg(test)]\nmod tests {\n    x.unwrap();\n}\nfn b() {}\n";
        assert!(check(&source("live", tested)).is_empty());
        assert_eq!(check(&source("live", &format!("{tested}x.unwrap();"))).len(), 1);
    }
}
