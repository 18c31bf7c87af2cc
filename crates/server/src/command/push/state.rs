//! How far a push has come: a folder beside the command. The source database stays read-only, so that an agency can give
//! an account that may do nothing but read.
//!
//! `cursor.json` is replaced whole; `rows.jsonl` and `rejects.jsonl` only grow. Lines are on disk before the cursor moves,
//! so that a kill repeats rows, and the request names make a repeated row the first one again.

use crate::command::Failed;
use probity_types::RecordId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, Serialize, Deserialize)]
struct Mark {
    profile: String,
    log: String,
    secret: String,
    cursor: i64,
}

/// What became of a row when it was last pushed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pushed {
    /// Which row.
    pub(super) key: i64,
    /// Keyed hash of whom it was about.
    pub(super) subject: String,
    /// Keyed hash of all it said.
    pub(super) content: String,
    /// The record that it is; none for a registration.
    pub(super) record: Option<RecordId>,
    /// The record's revision.
    pub(super) revision: u64,
}

/// A row that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reject {
    /// Which row.
    pub(super) key: i64,
    /// Keyed hash of all it said: a row that was mended is another one.
    pub(super) content: String,
    /// What is wrong with it.
    pub(super) faults: Vec<RejectFault>,
}

/// One fault of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RejectFault {
    pub(super) field: String,
    pub(super) rule: String,
    pub(super) remedy_zh: String,
    pub(super) remedy: String,
}

/// See the module.
pub(super) struct State {
    folder: PathBuf,
    mark: Mark,
    /// Keys the hashes of rows.
    pub(super) secret: [u8; 32],
    rows: BTreeMap<i64, Pushed>,
    rejected: BTreeSet<(i64, String)>,
    rows_file: File,
    rejects_file: File,
    /// Held as long as the state is open.
    _lock: File,
}

fn failed(folder: &Path, why: &dyn std::fmt::Display) -> Failed {
    let folder = folder.display();
    Failed::not_run(format!(
        "{folder}：推送状态无法使用 · the state of the push cannot be used: {why}"
    ))
}

/// Whole lines of a file; a torn last line, as a kill leaves it, is cut off.
fn lines<T: serde::de::DeserializeOwned>(path: &Path) -> std::io::Result<(Vec<T>, File)> {
    let text = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        read => read?,
    };
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    let read = text[..whole].lines().map(serde_json::from_str);
    let items = read
        .collect::<Result<Vec<T>, _>>()
        .map_err(std::io::Error::other)?;
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    file.set_len(whole as u64)?;
    Ok((items, file))
}

fn append<T: Serialize>(file: &mut File, items: &[T]) -> std::io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let mut text = String::new();
    for item in items {
        text.push_str(&serde_json::to_string(item).map_err(std::io::Error::other)?);
        text.push('\n');
    }
    file.write_all(text.as_bytes())?;
    file.sync_data()
}

impl State {
    /// Opens the state of a profile with a log, or begins it.
    ///
    /// # Errors
    /// It is another profile's or another log's, in use, or does not read.
    pub(super) fn open(folder: &Path, profile: &str, log: &str) -> Result<Self, Failed> {
        let fail = |why: &dyn std::fmt::Display| failed(folder, why);
        std::fs::create_dir_all(folder).map_err(|e| fail(&e))?;
        // Two at once would overtake each other.
        let lock = File::create(folder.join("lock")).map_err(|e| fail(&e))?;
        lock.try_lock()
            .map_err(|_| fail(&"另一个推送正在使用 · another push is using it"))?;
        let (rows, rows_file) =
            lines::<Pushed>(&folder.join("rows.jsonl")).map_err(|e| fail(&e))?;
        let (rejects, rejects_file) =
            lines::<Reject>(&folder.join("rejects.jsonl")).map_err(|e| fail(&e))?;
        let path = folder.join("cursor.json");
        let mark = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice::<Mark>(&bytes).map_err(|e| fail(&e))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Mark {
                profile: profile.to_owned(),
                log: log.to_owned(),
                secret: new_secret().map_err(|e| fail(&e))?,
                cursor: i64::MIN,
            },
            Err(error) => return Err(fail(&error)),
        };
        if mark.profile != profile || mark.log != log {
            return Err(fail(&format!(
                "属于方案 {} 与日志 {}，请为本次推送另用 --state · it belongs to profile {} and log {}; \
                 this push needs another --state",
                mark.profile, mark.log, mark.profile, mark.log
            )));
        }
        let secret =
            probity_types::unhex(&mark.secret).map_err(|_| fail(&"cursor.json: secret"))?;
        let state = Self {
            folder: folder.to_owned(),
            mark,
            secret,
            rows: rows.into_iter().map(|row| (row.key, row)).collect(),
            rejected: rejects
                .into_iter()
                .map(|row| (row.key, row.content))
                .collect(),
            rows_file,
            rejects_file,
            _lock: lock,
        };
        // The secret is on disk before anything is named with it.
        state.write_mark().map_err(|e| fail(&e))?;
        Ok(state)
    }

    /// Where to go on.
    pub(super) fn cursor(&self) -> i64 {
        self.mark.cursor
    }

    /// What became of a row before.
    pub(super) fn pushed(&self, key: i64) -> Option<&Pushed> {
        self.rows.get(&key)
    }

    /// Keeps what became of a batch, then moves the cursor.
    ///
    /// # Errors
    /// It could not be written.
    pub(super) fn advance(
        &mut self,
        pushed: Vec<Pushed>,
        rejects: Vec<Reject>,
        cursor: i64,
    ) -> Result<(), Failed> {
        let mut fresh = rejects;
        fresh.retain(|reject| self.rejected.insert((reject.key, reject.content.clone())));
        let written = append(&mut self.rows_file, &pushed)
            .and_then(|()| append(&mut self.rejects_file, &fresh));
        self.rows
            .extend(pushed.into_iter().map(|row| (row.key, row)));
        self.mark.cursor = cursor;
        let written = written.and_then(|()| self.write_mark());
        written.map_err(|error| failed(&self.folder, &error))
    }

    fn write_mark(&self) -> std::io::Result<()> {
        let (path, fresh) = (
            self.folder.join("cursor.json"),
            self.folder.join("cursor.new"),
        );
        let mut file = private(&fresh)?;
        file.write_all(&serde_json::to_vec(&self.mark).map_err(std::io::Error::other)?)?;
        file.sync_all()?;
        std::fs::rename(&fresh, &path)?;
        File::open(&self.folder)?.sync_all()
    }
}

fn new_secret() -> Result<String, getrandom::Error> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)?;
    Ok(probity_types::hex(&secret))
}

/// A file that its owner alone reads: it holds the secret.
fn private(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(key: i64) -> Pushed {
        Pushed {
            key,
            subject: "s".into(),
            content: "c".into(),
            record: Some(RecordId([1; 16])),
            revision: 9,
        }
    }

    #[test]
    fn a_torn_line_is_cut_off_and_the_rest_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let mut state = State::open(folder.path(), "tax", "log").unwrap();
        assert_eq!(state.cursor(), i64::MIN);
        state.advance(vec![row(1)], Vec::new(), 7).unwrap();
        let secret = state.secret;
        drop(state);
        let path = folder.path().join("rows.jsonl");
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"key\":2,").unwrap();
        let mut state = State::open(folder.path(), "tax", "log").unwrap();
        assert_eq!((state.cursor(), state.secret), (7, secret));
        assert_eq!((state.pushed(1), state.pushed(2)), (Some(&row(1)), None));
        state.advance(vec![row(2)], Vec::new(), 8).unwrap();
        drop(state);
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 2);
    }

    #[test]
    fn a_state_belongs_to_one_profile_and_one_log_and_one_push() {
        let folder = tempfile::tempdir().unwrap();
        let held = State::open(folder.path(), "tax", "log").unwrap();
        assert!(State::open(folder.path(), "tax", "log").is_err(), "in use");
        drop(held);
        assert!(State::open(folder.path(), "tax", "other").is_err());
        assert!(State::open(folder.path(), "police", "log").is_err());
    }

    #[test]
    fn the_same_reject_is_written_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut state = State::open(folder.path(), "tax", "log").unwrap();
        let reject = Reject {
            key: 4,
            content: "c".into(),
            faults: Vec::new(),
        };
        state.advance(Vec::new(), vec![reject.clone()], 4).unwrap();
        state.advance(Vec::new(), vec![reject], 4).unwrap();
        let text = std::fs::read_to_string(folder.path().join("rejects.jsonl")).unwrap();
        assert_eq!(text.lines().count(), 1);
    }
}
