//! The command line: names and help texts. What the commands do is in `command`.

#[cfg(test)]
mod reference;

use std::path::PathBuf;

use access::{Permission, Permissions};
use clap::{Args, Parser, Subcommand};

/// Records IP cameras without decoding, and gives any moment back at once.
#[derive(Debug, Parser)]
#[command(name = "holdfast", version, about, disable_help_subcommand = true)]
pub struct Cli {
    /// The configuration file [default: /etc/holdfast/holdfast.toml, then
    /// $XDG_CONFIG_HOME/holdfast/holdfast.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Record and serve; SIGHUP re-reads both files
    Run {
        /// Cameras and retention as text; put into effect at the start and at SIGHUP
        #[arg(long, value_name = "FILE")]
        apply: Option<PathBuf>,
    },
    /// Three test cameras and a recorder on a scratch archive
    #[cfg(feature = "demo")]
    Demo {
        /// Where the page is served
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
        listen: std::net::SocketAddr,
        /// Where the scratch archive is kept [default: a new temporary folder]
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// Cameras, streams and retention as text
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Speak with a camera
    #[command(subcommand)]
    Camera(CameraCommand),
    /// Write any range of some cameras into one file: a clip, or a ZIP that proves itself; works
    /// without a server too
    Export(Export),
    /// Compare catalog and files, with the server up or down, and say what does not fit
    Check(Check),
    /// Make a new catalog from the footage alone; the server must be stopped
    Rebuild(Rebuild),
    /// Prove footage from its files and a public key: what was touched, what is missing
    Verify(Verify),
    /// Write catalog, key and configuration into one file, with the server up or down
    Backup {
        /// The tar archive to write; an older one is replaced
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Accounts
    #[command(subcommand)]
    User(UserCommand),
    /// Tokens for programs
    #[command(subcommand)]
    Token(TokenCommand),
    /// Decodes one picture in a process of its own; the server starts it
    #[command(hide = true)]
    StillWorker,
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Say what is wrong with a configuration file
    Check {
        /// The file [default: the one that --config names]
        file: Option<PathBuf>,
    },
    /// Put the cameras and volumes of a file into effect, with the server up or down
    Apply {
        /// The file
        file: PathBuf,
    },
    /// Write cameras, streams and retention as text
    Export {
        /// The file [default: standard output]
        file: Option<PathBuf>,
    },
    /// Write the JSON schema of the configuration file
    Schema,
}

#[derive(Debug, Subcommand)]
pub enum CameraCommand {
    /// Say what a camera sends, and give advice
    Probe {
        /// rtsp://[user[:password]@]host[:port]/path
        url: String,
        /// For the camera's login, where the URL does not name it
        #[arg(long)]
        username: Option<String>,
        /// A file that holds the password of --username
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        /// How long to watch, in seconds
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=60))]
        seconds: u64,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub struct Check {
    /// Also repair: nothing is ever deleted, and good footage is not touched
    #[arg(long)]
    pub repair: bool,
    /// Also read all footage and prove its hashes
    #[arg(long)]
    pub hashes: bool,
    /// Only this volume: its name or id
    #[arg(long, value_name = "VOLUME")]
    pub volume: Option<String>,
    /// Read no more than this a second, such as "20 MB" [default: as fast as it goes]
    #[arg(long, value_name = "BYTES")]
    pub limit: Option<String>,
    /// Begin again, where an earlier check was interrupted
    #[arg(long)]
    pub anew: bool,
    /// As JSON, one finding a line
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Rebuild {
    /// Also where there is a catalog that is whole; it is kept under another name
    #[arg(long)]
    pub replace: bool,
    /// The file that `run --apply` is given, where volumes stand in it
    #[arg(long, value_name = "FILE")]
    pub apply: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Verify {
    /// Segment files, exports (.zip), or folders of them
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// A public key of the recorder, as often as there are: 64 hexadecimal digits, or a file that
    /// holds them, such as holdfast-volume.json [default: the key that each file names; of an
    /// export those of the archive in the configuration file, where they are at hand]
    #[arg(long, value_name = "KEY")]
    pub public_key: Vec<String>,
    /// As JSON, one line for each thing to say
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Export {
    /// Slug or id of a camera, as often as there are; with its stream where that is another one
    /// than the others', as in front-door/sub
    #[arg(long, required = true)]
    pub camera: Vec<String>,
    /// Name of the stream
    #[arg(long, default_value = "main")]
    pub stream: String,
    /// Beginning: RFC 3339, relative (-90s, -2h), or local (2026-11-22 20:15)
    #[arg(long, allow_hyphen_values = true)]
    pub from: String,
    /// End, written likewise; it is not part of the range
    #[arg(long, allow_hyphen_values = true)]
    pub to: String,
    /// The file to write: one clip (.mp4), or, where it ends in .zip, clips with a signed manifest
    /// and a page that plays and verifies them
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// What the ZIP is called in its manifest and its page [default: as its file]
    #[arg(long)]
    pub name: Option<String>,
    /// All cameras in one clip of the ZIP, rather than a clip for each
    #[arg(long)]
    pub together: bool,
    /// With the time of day as subtitles
    #[arg(long)]
    pub timestamps: bool,
    /// Say as JSON what was written
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Make an account; the password is read from a file or from standard input
    Add {
        /// Its name
        name: String,
        /// A file that holds the password
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// List accounts
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token and print it: it is shown once
    Create {
        /// What it is for
        name: String,
        /// The account that it acts for [default: the oldest]
        #[arg(long, value_name = "NAME")]
        user: Option<String>,
        /// Days that it holds [default: until it is revoked]
        #[arg(long, value_name = "DAYS")]
        days: Option<u32>,
        /// What it may at most, of view-live, view-footage, export, manage-footage, manage-cameras
        /// and manage-system, with commas between [default: all that the account may]
        #[arg(long, value_name = "PERMISSIONS", value_delimiter = ',', value_parser = permission)]
        may: Vec<Permission>,
    },
}

/// A permission that a token may have.
fn permission(text: &str) -> Result<Permission, String> {
    match text.parse() {
        Ok(known) if Permissions::ADMINISTRATOR.has(known) => Ok(known),
        _ => Err("write words such as view-live,view-footage".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn what_a_token_may_is_a_list_of_words() {
        let create = |may: &str| {
            let words = "holdfast token create tv --may".split(' ');
            Cli::try_parse_from(words.chain([may])).map(|cli| match cli.command {
                Command::Token(TokenCommand::Create { may, .. }) => may,
                _ => panic!("makes a token"),
            })
        };
        let listed = create("view-live,export").expect("is right");
        assert_eq!(listed, [Permission::ViewLive, Permission::Export]);
        for wrong in ["fly", "set-up", "public", "view-live,", ""] {
            assert!(create(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn relative_times_are_not_taken_for_options() {
        let words = "holdfast export --camera a --from -2h --to -90s -o x.mp4";
        let cli = Cli::try_parse_from(words.split(' ')).expect("is right");
        let Command::Export(export) = cli.command else { panic!("is an export") };
        assert_eq!((export.from.as_str(), export.to.as_str()), ("-2h", "-90s"));
    }
}
