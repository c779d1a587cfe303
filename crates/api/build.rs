//! Lists the files of the built web page (`ui/dist`) so that they become part of the binary. Where
//! it was not built, a page that says so takes its place; npm is never called from here.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let dist = root.join("../../ui/dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    println!("cargo::rerun-if-changed=placeholder.html");
    let mut files = BTreeMap::new();
    if dist.join("index.html").is_file() {
        collect(&dist, "", &mut files)?;
    } else {
        files.insert("index.html".to_owned(), root.join("placeholder.html"));
    }
    let mut table = String::from("static ASSETS: &[Asset] = &[\n");
    for (path, file) in &files {
        // Compressed siblings belong to the file beside them.
        let original = path.strip_suffix(".br").or(path.strip_suffix(".gz"));
        if original.is_some_and(|original| files.contains_key(original)) {
            continue;
        }
        let sibling = |ending: &str| match files.get(&format!("{path}{ending}")) {
            Some(file) => format!("Some(include_bytes!({file:?}))"),
            None => "None".to_owned(),
        };
        let mut hasher = DefaultHasher::new();
        fs::read(file)?.hash(&mut hasher);
        let _ = writeln!(
            table,
            "    Asset {{ path: {path:?}, plain: include_bytes!({file:?}), brotli: {}, gzip: {}, \
             tag: \"{:016x}\" }},",
            sibling(".br"),
            sibling(".gz"),
            hasher.finish(),
        );
    }
    table.push_str("];\n");
    fs::write(out.join("assets.rs"), table)
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|_| io::ErrorKind::InvalidData)?;
        let path = format!("{prefix}{name}");
        match entry.file_type()?.is_dir() {
            true => collect(&entry.path(), &format!("{path}/"), files)?,
            false => drop(files.insert(path, entry.path().canonicalize()?)),
        }
    }
    Ok(())
}
