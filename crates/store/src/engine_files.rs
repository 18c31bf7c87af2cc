//! What sled's own metadata has to look like before sled may open it. Reads; writes one empty file where sled needs it.
//!
//! ```text
//! metadata/snapshot_N   one frame: everything up to log N
//! metadata/log_M        frames, one for each flush, for M = N + 1, N + 2, …
//! frame = length of payload (6 bytes) ‖ crc of it (2 bytes) ‖ payload ‖ crc32 of all before, xor 0xaf
//! ```
//!
//! Found by cutting the power, and by flipping bits:
//! - sled takes a bad frame for the end of a log, wherever it stands, and goes on from an older state whose slots may have
//!   been written over since: it then reads one leaf for another, or for ever. A bad frame is a torn flush only at the end of
//!   the newest log, with nothing valid behind it.
//! - Where no log follows the snapshot, sled writes the same snapshot again **and then removes it**. A crash inside an
//!   opening, which removes the old logs before it makes a new one, leads there. An empty log keeps sled from it.
//! - A length is believed if 16 bits fit, and memory is taken for it.
//! - `durability_cookie` is written without a sync, and sled does not open with half of it.

use crate::folder::{FolderError, failed, sync_folder};
use crate::log_store::{Damage, StoreError};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;

const LOG: &str = "log_";
const SNAPSHOT: &str = "snapshot_";
/// Larger than the metadata of any log that fits a disk; sled takes this much memory unasked.
const FRAME_BYTES_MAX: usize = 1 << 30;
const FRAME_OVERHEAD: usize = 8 + 4;

/// Looks through the metadata below the engine's folder, which may not be there yet.
///
/// # Errors
/// `Damage` names the file; `Folder`.
pub(crate) fn check_engine_files(engine: &Path) -> Result<(), StoreError> {
    let folder = engine.join("metadata");
    if !folder.is_dir() {
        return Ok(());
    }
    let (snapshots, logs) = list(&folder)?;
    let Some((&newest, name)) = snapshots.last_key_value() else {
        return match logs.is_empty() {
            // A creation that was cut short.
            true => Ok(()),
            false => Err(damage("metadata", "there are logs, but no snapshot")),
        };
    };
    let bytes = read(&folder.join(name))?;
    if frame(&bytes) != Some(bytes.len()) {
        return Err(damage(name, "it does not read"));
    }
    let logs: Vec<_> = logs.range(newest + 1..).collect();
    for (place, (number, name)) in logs.iter().enumerate() {
        if **number != newest + 1 + place as u64 {
            return Err(damage(name, "the log before it is missing"));
        }
        let bytes = read(&folder.join(name))?;
        let end = end_of_frames(&bytes);
        let is_torn_flush = place + 1 == logs.len() && !has_frame_behind(&bytes, end);
        if end != bytes.len() && !is_torn_flush {
            return Err(damage(
                name,
                &format!("the flush at offset {end} does not read"),
            ));
        }
    }
    if logs.is_empty() {
        let path = folder.join(format!("{LOG}{:016x}", newest + 1));
        let made = File::create_new(&path).and_then(|file| file.sync_all());
        made.map_err(failed("create", &path))?;
        sync_folder(&folder)?;
    }
    Ok(())
}

/// Makes everything that the engine has written so far durable, with its names: used once, when a log is made.
pub(crate) fn sync_engine_files(engine: &Path) -> Result<(), FolderError> {
    for entry in fs::read_dir(engine).map_err(failed("list", engine))? {
        let path = entry.map_err(failed("list", engine))?.path();
        if path.is_dir() {
            sync_engine_files(&path)?;
        } else {
            let synced = File::open(&path).and_then(|file| file.sync_all());
            synced.map_err(failed("sync", &path))?;
        }
    }
    sync_folder(engine)
}

type Numbered = BTreeMap<u64, String>;

fn list(folder: &Path) -> Result<(Numbered, Numbered), StoreError> {
    let (mut snapshots, mut logs) = (Numbered::new(), Numbered::new());
    for entry in fs::read_dir(folder).map_err(failed("list", folder))? {
        let entry = entry.map_err(failed("list", folder))?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        // An unfinished snapshot ends otherwise; sled removes it.
        let number = |prefix| {
            let digits: &str = name.strip_prefix(prefix)?;
            let number = u64::from_str_radix(digits, 16).ok()?;
            (digits.len() == 16).then_some(number)
        };
        if let Some(number) = number(SNAPSHOT) {
            snapshots.insert(number, name);
        } else if let Some(number) = number(LOG) {
            logs.insert(number, name);
        } else if name.starts_with(LOG) || (name.starts_with(SNAPSHOT) && !name.ends_with(".tmp")) {
            return Err(damage(&name, "no file of this name is written here"));
        }
    }
    Ok((snapshots, logs))
}

fn read(path: &Path) -> Result<Vec<u8>, FolderError> {
    fs::read(path).map_err(failed("read", path))
}

fn damage(name: &str, reason: &str) -> StoreError {
    let (what, reason) = (format!("sled/{name}"), reason.to_owned());
    Damage::Unreadable { what, reason }.into()
}

/// Length of the whole frame at the beginning, none where there is none.
fn frame(bytes: &[u8]) -> Option<usize> {
    let length: [u8; 8] = bytes.get(..8)?.try_into().ok()?;
    let crc = crc32fast::hash(&length[..6]) as u16;
    if crc.to_le_bytes() != length[6..] {
        return None;
    }
    let mut number = length;
    number[6..].fill(0);
    let payload = usize::try_from(u64::from_le_bytes(number)).ok()?;
    let end = payload.checked_add(FRAME_OVERHEAD)?;
    let (body, stored) = bytes.get(..end)?.split_at(end - 4);
    let crc = crc32fast::hash(body) ^ 0xaf;
    (payload <= FRAME_BYTES_MAX && crc.to_le_bytes() == stored).then_some(end)
}

fn end_of_frames(bytes: &[u8]) -> usize {
    let mut end = 0;
    while let Some(length) = bytes.get(end..).and_then(frame) {
        end += length;
    }
    end
}

/// Whether something valid follows what does not read: then it is no torn end.
fn has_frame_behind(bytes: &[u8], bad: usize) -> bool {
    let is_too_long = bytes.get(bad..bad + 8).is_some_and(|length| {
        let crc = crc32fast::hash(&length[..6]) as u16;
        // More than the largest: whoever wrote that length, it was not a flush.
        crc.to_le_bytes() == length[6..] && (length[4] | length[5] != 0 || length[3] >= 0x40)
    });
    is_too_long || (bad + 1..bytes.len()).any(|at| frame(&bytes[at..]).is_some())
}
