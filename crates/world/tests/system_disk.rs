//! The real disk, in a temporary folder.
#![allow(clippy::unwrap_used)]

use std::io::ErrorKind;

use world::{Disk, LockHeld, SystemDisk};

#[test]
fn a_vectored_write_of_many_pieces_lands_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many");
    // More pieces than one call takes, empty ones among them.
    let pieces: Vec<Vec<u8>> = (0..5000u32).map(|n| vec![n as u8; (n % 7) as usize]).collect();
    let slices: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
    let file = SystemDisk.create(&path).unwrap();
    file.finish_write_out().expect("where there is nothing to write out, nothing fails");
    file.write_all_at(&slices, 3).unwrap();
    file.write_all_at(&[], 0).unwrap();
    file.write_all_at(&[b"", b""], 0).unwrap();
    file.start_write_out();
    file.finish_write_out().unwrap();
    file.sync_data().unwrap();
    let expected = [vec![0; 3], pieces.concat()].concat();
    assert_eq!(SystemDisk.read_all(&path, 1 << 20).unwrap(), expected);
    assert_eq!(SystemDisk.read_all(&path, 8).unwrap_err().kind(), ErrorKind::FileTooLarge);
    let past = file.read_exact_at(&mut [0; 2], expected.len() as u64 - 1);
    assert_eq!(past.unwrap_err().kind(), ErrorKind::UnexpectedEof);
    assert_eq!(SystemDisk.create(&path).err().unwrap().kind(), ErrorKind::AlreadyExists);
}

#[test]
fn reserved_space_is_taken_without_length_and_given_back_by_a_trim() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("reserved");
    let file = SystemDisk.create(&path).unwrap();
    file.write_all_at(&[b"frame"], 0).unwrap();
    file.reserve(4 << 20).unwrap();
    let reserved = SystemDisk.usage(&path).unwrap();
    assert_eq!(reserved.len, 5);
    if reserved.allocated < 4 << 20 {
        eprintln!("skipped: the file system here reserves nothing");
        return;
    }
    file.set_len(5).unwrap();
    file.sync_data().unwrap();
    assert!(SystemDisk.usage(&path).unwrap().allocated < 1 << 20);
}

#[test]
fn a_lock_names_its_holder_and_ends_with_its_guard() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lock");
    let guard = SystemDisk.lock(&path, "holdfast").unwrap();
    let refused = SystemDisk.lock(&path, "second").err().unwrap();
    assert_eq!(refused.kind(), ErrorKind::WouldBlock);
    let by = &LockHeld::of(&refused).unwrap().by;
    assert_eq!(*by, format!("process {} (holdfast)", std::process::id()));
    drop(guard);
    SystemDisk.lock(&path, "second").unwrap();
}

#[test]
fn folders_and_names_come_and_go() {
    let folder = tempfile::tempdir().unwrap();
    let (root, deep) = (folder.path(), folder.path().join("a/b"));
    SystemDisk.create_dir_all(&deep).unwrap();
    SystemDisk.create_dir_all(&deep).unwrap();
    SystemDisk.create(&deep.join("old")).unwrap();
    SystemDisk.rename(&deep.join("old"), &deep.join("new")).unwrap();
    SystemDisk.sync_dir(&deep).unwrap();
    let entries = SystemDisk.list(&deep).unwrap();
    assert_eq!(entries, [world::Entry { name: "new".to_owned(), is_dir: false }]);
    assert!(SystemDisk.list(root).unwrap()[0].is_dir);
    let refused = SystemDisk.remove_dir(&deep).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::DirectoryNotEmpty);
    SystemDisk.remove_file(&deep.join("new")).unwrap();
    SystemDisk.remove_dir(&deep).unwrap();
    assert_eq!(SystemDisk.list(&deep).unwrap_err().kind(), ErrorKind::NotFound);
    let space = SystemDisk.space(root).unwrap();
    assert!(space.available <= space.total && space.total > 0);
}
