//! `holdfast demo`: three test cameras and a recorder on a scratch archive.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use access::{Permissions, User};
use anyhow::{Context, Result};
use base::UserId;
use catalog::Change;
use logs::Log;
use testcam::{TestCam, TestCamOptions};

use crate::daemon::{Files, Machine, Server, Teller, welcome};

/// Name, slug and scene of each camera.
const CAMERAS: [(&str, &str, &str); 3] = [
    ("Front door", "front-door", "door"),
    ("Driveway", "driveway", "drive"),
    ("Garden at night", "garden", "garden"),
];

/// Runs the demo until a signal ends it.
pub fn run(listen: SocketAddr, dir: Option<&Path>, log: Log) -> Result<ExitCode> {
    let dir = match dir {
        Some(dir) => dir.to_owned(),
        None => scratch()?,
    };
    std::fs::create_dir_all(dir.join("clips"))
        .with_context(|| format!("cannot make {}", dir.display()))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("testcam")
        .enable_all()
        .build()?;
    let cameras = runtime.block_on(start_cameras(&dir))?;
    let config = dir.join("holdfast.toml");
    std::fs::write(&config, config_text(&dir, listen, &cameras))
        .with_context(|| format!("cannot write {}", config.display()))?;
    let files = Files { config: config.clone(), apply: None };
    let (teller, heard) = Teller::new();
    let settings = crate::files::settings(&config)?;
    let server = Server::start(files, settings, config::Applied::default(), &teller, log)?;
    let user = account(&server)?;
    let path = welcome::link(server.house(), Some(user))?;
    println!("\nThree test cameras are being recorded in {}", dir.display());
    for address in server.addresses() {
        println!("Open this link once; it signs you in:\n\n    http://{address}{path}\n");
    }
    println!("Ctrl-C ends the demo.");
    Ok(server.run_until_told(&heard, &teller).into())
}

fn scratch() -> Result<PathBuf> {
    let mut random = [0; 6];
    world::Entropy::fill(&world::SystemEntropy, &mut random);
    let name: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let dir = std::env::temp_dir().join(format!("holdfast-demo-{name}"));
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    Ok(dir)
}

async fn start_cameras(dir: &Path) -> Result<TestCam> {
    let mut clips = Vec::new();
    for (name, bytes) in testcam::SCENES {
        let path = dir.join("clips").join(format!("{name}.mp4"));
        std::fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        clips.push((name.to_owned(), path));
    }
    let options = TestCamOptions { clips, live: true, ..TestCamOptions::default() };
    testcam::serve(options).await.context("the test cameras did not start")
}

fn config_text(dir: &Path, listen: SocketAddr, cameras: &TestCam) -> String {
    let dir = dir.display();
    let mut text = format!(
        "[server]\nlisten = [\"{listen}\"]\n[archive]\ncatalog = \"{dir}/catalog\"\n\
         segment_duration = \"1m\"\n[[archive.volume]]\nname = \"scratch\"\n\
         path = \"{dir}/footage\"\nkeep_free = \"1 GB\"\n"
    );
    for (name, slug, scene) in CAMERAS {
        text += &format!("[[camera]]\nname = \"{name}\"\nslug = \"{slug}\"\n");
        for stream in ["main", "sub"] {
            let url = cameras.url(&format!("{scene}-{stream}"));
            text += &format!(
                "[camera.stream.{stream}]\nurl = \"{url}\"\nkeep = {{ max_bytes = \"2 GB\" }}\n"
            );
        }
    }
    text
}

/// The demo's account; it has no password until one is set.
fn account(server: &Server) -> Result<UserId> {
    let house = server.house();
    if let Some(user) = house.catalog.user_by_name("demo")? {
        return Ok(user.id);
    }
    let machine = Machine::real();
    let user = User {
        id: UserId::new(machine.wall(), machine.entropy.id_bytes()),
        name: "demo".to_owned(),
        password: None,
        permissions: Permissions::ADMINISTRATOR,
        disabled: false,
        created: machine.wall(),
    };
    let id = user.id;
    house.rows.apply(vec![Change::PutUser(user)]).context("cannot make the demo's account")?;
    Ok(id)
}
