//! Debian's kernel for virtual machines, as files: its package is unpacked, never installed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::run::root;

/// What the guest needs beyond what is built in: a disk that QEMU gives it.
const WANTED: [&str; 3] = ["ext4", "virtio_pci", "virtio_blk"];
/// Names the newest kernel by depending on it.
const NEWEST: &str = "linux-image-cloud-amd64";

/// A kernel.
pub struct Kernel {
    /// What is booted.
    pub image: PathBuf,
    /// Modules, each after those it needs.
    pub modules: Vec<PathBuf>,
}

/// The kernel that was unpacked before, else the newest one that Debian has.
pub fn find() -> Result<Kernel> {
    let folder = root().join("target/powercut/kernel");
    if !folder.join("boot").exists() {
        download(&folder)?;
    }
    let boot = std::fs::read_dir(folder.join("boot"))?.flatten().map(|entry| entry.path());
    let image = boot.into_iter().find(|path| path.to_string_lossy().contains("/vmlinuz-"));
    let mut all = BTreeMap::new();
    collect(&folder.join("lib/modules"), &mut all)?;
    let mut modules = Vec::new();
    for name in WANTED {
        load(name, &all, &mut modules)?;
    }
    Ok(Kernel { image: image.context("the package holds no kernel")?, modules })
}

fn download(folder: &Path) -> Result<()> {
    let depends = Command::new("apt-cache").args(["depends", NEWEST]).output();
    let depends = depends.context("apt-cache is missing: this is not Debian")?;
    let text = String::from_utf8_lossy(&depends.stdout).into_owned();
    let package = text.lines().find_map(|line| line.trim().strip_prefix("Depends: "));
    let package = package.with_context(|| format!("apt knows no package {NEWEST}"))?;
    println!("\n── apt-get download {package}");
    let scratch = tempfile::tempdir()?;
    let mut command = Command::new("apt-get");
    let status = command.args(["download", "-q", package]).current_dir(&scratch).status()?;
    let file = std::fs::read_dir(&scratch)?.flatten().next();
    let Some(file) = file.filter(|_| status.success()) else {
        bail!("cannot download the package {package}");
    };
    // A folder that is there is whole: it gets its name last.
    let draft = folder.with_extension("draft");
    std::fs::create_dir_all(&draft)?;
    let status = Command::new("dpkg").arg("-x").arg(file.path()).arg(&draft).status()?;
    if !status.success() {
        bail!("cannot unpack {}", file.path().display());
    }
    Ok(std::fs::rename(draft, folder)?)
}

/// Module files by name, as the kernel spells it.
fn collect(folder: &Path, into: &mut BTreeMap<String, PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().replace('-', "_");
        if path.is_dir() {
            collect(&path, into)?;
        } else if path.extension().is_some_and(|extension| extension == "ko") {
            into.insert(name, path);
        }
    }
    Ok(())
}

/// Adds a module after those it depends on. What has no file is built in.
fn load(name: &str, all: &BTreeMap<String, PathBuf>, into: &mut Vec<PathBuf>) -> Result<()> {
    let Some(path) = all.get(name).filter(|path| !into.contains(path)) else { return Ok(()) };
    for needed in depends(&std::fs::read(path)?) {
        load(&needed, all, into)?;
    }
    into.push(path.clone());
    Ok(())
}

/// What stands in a module's `depends=`.
fn depends(module: &[u8]) -> Vec<String> {
    let key = b"\0depends=";
    let Some(at) = module.windows(key.len()).position(|window| window == key) else {
        return Vec::new();
    };
    let rest = &module[at + key.len()..];
    let end = rest.iter().position(|byte| *byte == 0).unwrap_or(0);
    let names = String::from_utf8_lossy(&rest[..end]).replace('-', "_");
    names.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_names_what_it_needs() {
        let module = b"x\0license=GPL\0depends=virtio,virtio-ring\0name=y\0";
        assert_eq!(depends(module), ["virtio", "virtio_ring"]);
        assert!(depends(b"\0depends=\0").is_empty() && depends(b"nothing").is_empty());
    }
}
