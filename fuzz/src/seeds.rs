//! Writes what the fuzzers begin with: whole segments in every stage, a packed index, a final
//! `moov`. `cargo run --bin seeds` in this folder.

use std::fs;
use std::path::Path;

use fuzz::{Recorded, Stage};

fn main() -> std::io::Result<()> {
    let stages =
        [(Stage::Growing, "growing"), (Stage::Unturned, "unturned"), (Stage::Sealed, "sealed")];
    for (stage, name) in stages {
        for batches in [1, 2] {
            let bytes = Recorded::new(batches, stage).bytes();
            put("segment_reader", &format!("{name}-{batches}"), &[&[0xff], &bytes[..]].concat())?;
        }
    }
    let sealed = Recorded::new(2, Stage::Sealed);
    let bytes = sealed.bytes();
    let seal = media::read_seal(&bytes).expect("a sealed segment ends with its seal");
    let end = bytes.len() - media::Seal::LEN;
    let moov = &bytes[seal.moov_offset as usize..end];
    put("index_decoder", "moov", moov)?;
    let (_, index) = media::read_final_moov(moov).expect("it is one");
    put("index_decoder", "packed", &index.pack())?;
    put("recovery_scan", "plain", &[1; 16])?;
    put("recovery_scan", "harmed", &(0..200).collect::<Vec<u8>>())
}

fn put(target: &str, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(name), bytes)
}
