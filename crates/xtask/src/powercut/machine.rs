//! The guest: QEMU without a network, whose disk is logged write by write.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::guest;
use super::initramfs::Initramfs;
use super::kernel::Kernel;

/// Booting and coming to an end, on a slow machine.
const BOOT: Duration = Duration::from_secs(120);
const BUSYBOX: &str = "/bin/busybox";
const RECORDER: &str = "/bin/holdfast";
const GUEST: &str = "/bin/guest";
const CONFIG: &str = "/etc/holdfast.toml";
const DISK: &str = "/dev/vda";

/// What the guest does.
pub struct Plan<'a> {
    /// What is booted.
    pub kernel: &'a Kernel,
    /// The recorder's binary.
    pub recorder: &'a Path,
    /// Its configuration's text.
    pub config: &'a str,
    /// Where the disk is mounted, inside as outside.
    pub mounted_at: &'a Path,
    /// The recorder's socket.
    pub socket: &'a Path,
    /// How long it records.
    pub seconds: u64,
    /// How often the recorder is ended and started again, seconds.
    pub restart_every: u64,
}

/// The files of one recording.
pub struct Files {
    /// The disk, which is written.
    pub disk: PathBuf,
    /// Its write log.
    pub log: PathBuf,
    /// What the guest says.
    pub console: PathBuf,
}

/// Boots the guest and waits until it has recorded.
pub fn record(plan: &Plan, files: &Files) -> Result<()> {
    let initramfs = files.log.with_file_name("initramfs");
    std::fs::write(&initramfs, pack(plan)?)?;
    std::fs::File::create(&files.log)?;
    let mut machine = Machine(qemu(plan, files, &initramfs).spawn().context("cannot start QEMU")?);
    let (began, deadline) = (Instant::now(), BOOT + Duration::from_secs(plan.seconds * 8));
    let said = || std::fs::read_to_string(&files.console).unwrap_or_default();
    while machine.0.try_wait()?.is_none() {
        if began.elapsed() > deadline {
            bail!("the guest did not end in {deadline:?}; it said:\n{}", said());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let said = said();
    if !said.contains(guest::DONE) || said.contains("panicked at") {
        bail!("recording failed; the guest said:\n{said}");
    }
    Ok(std::fs::remove_file(initramfs)?)
}

/// QEMU at work; it ends with this value.
struct Machine(Child);

impl Drop for Machine {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn qemu(plan: &Plan, files: &Files, initramfs: &Path) -> Command {
    let mut command = Command::new("qemu-system-x86_64");
    command.args(["-machine", "q35,accel=tcg", "-cpu", "max", "-smp", "2", "-m", "1024"]);
    command.args(["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"]);
    command.arg("-serial").arg(format!("file:{}", files.console.display()));
    command.arg("-kernel").arg(&plan.kernel.image).arg("-initrd").arg(initramfs);
    command.args(["-append", "console=ttyS0 quiet panic=-1 random.trust_cpu=on"]);
    let file = |name: &str, path: &Path| {
        format!("driver=file,node-name={name},filename={}", path.display())
    };
    command.arg("-blockdev").arg(file("disk", &files.disk));
    command.arg("-blockdev").arg(file("log", &files.log));
    let logged = "driver=blklogwrites,node-name=logged,file=disk,log=log,log-sector-size=512,\
                  log-append=off";
    command.args(["-blockdev", logged, "-device", "virtio-blk-pci,drive=logged"]);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

fn pack(plan: &Plan) -> Result<Vec<u8>> {
    let mut files = Initramfs::default();
    let busybox = std::fs::read(BUSYBOX).context("cannot read busybox")?;
    files.add(Path::new(BUSYBOX), &busybox);
    files.add_program(Path::new(RECORDER), plan.recorder)?;
    files.add_program(Path::new(GUEST), &std::env::current_exe()?)?;
    files.add(Path::new(CONFIG), plan.config.as_bytes());
    files.add(Path::new("/tmp/.keep"), b"");
    let mut names = Vec::new();
    for module in &plan.kernel.modules {
        let name = Path::new("/modules").join(module.file_name().context("a module has a name")?);
        files.add(&name, &std::fs::read(module)?);
        names.push(name.display().to_string());
    }
    files.add(Path::new("/init"), init(plan, &names).as_bytes());
    Ok(files.finish())
}

fn init(plan: &Plan, modules: &[String]) -> String {
    let (at, socket, modules) =
        (plan.mounted_at.display(), plan.socket.display(), modules.join(" "));
    let Plan { seconds, restart_every, .. } = plan;
    format!(
        "#!{BUSYBOX} sh\n\
         {BUSYBOX} --install -s /bin\n\
         export PATH=/bin\n\
         mkdir -p /proc /sys /dev\n\
         mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev\n\
         mkdir -p {at}\n\
         for module in {modules}; do insmod $module; done\n\
         ifconfig lo 127.0.0.1 up\n\
         mount -t ext4 {DISK} {at} && {GUEST} powercut-guest --recorder {RECORDER} \
         --config {CONFIG} --socket {socket} --disk {DISK} --seconds {seconds} \
         --restart-every {restart_every}\n\
         poweroff -n -f\n"
    )
}
