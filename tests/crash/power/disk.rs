//! A disk that loses its power: what was recorded goes in, each folder that may have been left comes out.
//!
//! - A file keeps what a returned sync covered. Of the rest each write is kept or lost, whole or by sectors of 512 bytes or
//!   4 KiB, in any order; each change of length too.
//! - A name is kept once its folder was synced. Of the rest each change is made or not, those of one name in order.
//! - The sync of a file does not keep its name, nor the sync of a folder the content.

use super::record::Happened;
use crate::support::Dice;
use std::collections::{BTreeMap, HashMap};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

type Id = usize;

#[derive(Debug, Clone)]
enum Change {
    Write {
        offset: usize,
        bytes: Vec<u8>,
    },
    Truncate(usize),
    /// In a folder: what a name means from now on.
    Name {
        name: String,
        to: Option<Id>,
    },
    Rename {
        from: String,
        to: String,
        what: Id,
    },
}

#[derive(Debug, Clone)]
enum Kept {
    File(Vec<u8>),
    Folder(BTreeMap<String, Id>),
}

#[derive(Debug, Clone)]
struct Node {
    kept: Kept,
    /// Changes since, with the number of the record.
    pending: Vec<(usize, Change)>,
}

/// Syncs that are taken for not made: the barrier that is switched off.
pub type Ignored<'a> = &'a dyn Fn(&Synced<'_>) -> bool;

/// A sync that returned.
#[derive(Debug)]
pub struct Synced<'a> {
    /// Path below the folder.
    pub path: &'a str,
    /// Whether what it covers includes the first block of the file.
    pub covers_front: bool,
    /// Whether it is one of a folder.
    pub is_folder: bool,
}

/// See the module.
#[derive(Debug, Clone)]
pub struct Disk {
    nodes: Vec<Node>,
    inodes: HashMap<u64, Id>,
    begun: HashMap<(u64, u64), (usize, String)>,
    records: usize,
}

/// How much of what was not synced survives.
#[derive(Debug, Clone, Copy)]
pub enum Survives {
    All,
    Nothing,
    Some { percent: u64, sector: usize },
}

impl Survives {
    /// One of them.
    pub fn random(dice: &mut Dice) -> Self {
        let sector = if dice.chance(50) { 512 } else { 4_096 };
        match dice.below(10) {
            0 => Self::All,
            1 | 2 => Self::Nothing,
            _ => Self::Some {
                percent: 5 + dice.below(91),
                sector,
            },
        }
    }

    fn keeps(self, dice: &mut Dice) -> bool {
        match self {
            Self::All => true,
            Self::Nothing => false,
            Self::Some { percent, .. } => dice.chance(percent),
        }
    }
}

impl Disk {
    /// The folder as it lies there, all of it on disk.
    pub fn of(root: &Path) -> Self {
        let mut disk = Self {
            nodes: Vec::new(),
            inodes: HashMap::new(),
            begun: HashMap::new(),
            records: 0,
        };
        disk.add(root);
        disk
    }

    fn add(&mut self, path: &Path) -> Id {
        let id = self.nodes.len();
        self.inodes.insert(path.metadata().unwrap().ino(), id);
        self.nodes.push(Node {
            kept: Kept::File(Vec::new()),
            pending: Vec::new(),
        });
        let kept = if path.is_dir() {
            let entries = std::fs::read_dir(path).unwrap().map(Result::unwrap);
            Kept::Folder(
                entries
                    .map(|entry| {
                        (
                            entry.file_name().into_string().unwrap(),
                            self.add(&entry.path()),
                        )
                    })
                    .collect(),
            )
        } else {
            Kept::File(std::fs::read(path).unwrap())
        };
        self.nodes[id].kept = kept;
        id
    }

    /// Names of a folder as programs see them.
    fn names(&self, folder: Id) -> BTreeMap<String, Id> {
        let node = &self.nodes[folder];
        let Kept::Folder(mut names) = node.kept.clone() else {
            return BTreeMap::new();
        };
        node.pending
            .iter()
            .for_each(|(_, change)| rename(&mut names, change));
        names
    }

    fn find(&self, path: &str) -> Option<Id> {
        let parts = path.split('/').filter(|part| !part.is_empty());
        parts
            .into_iter()
            .try_fold(0, |at, part| self.names(at).get(part).copied())
    }

    fn split<'p>(&self, path: &'p str) -> (Id, &'p str) {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let id = self.find(folder);
        (id.unwrap_or_else(|| panic!("no folder {folder}")), name)
    }

    fn change(&mut self, id: Id, change: Change) {
        self.nodes[id].pending.push((self.records, change));
    }

    fn name(&mut self, path: &str, to: Option<Id>) {
        let (folder, name) = self.split(path);
        let name = name.to_owned();
        self.change(folder, Change::Name { name, to });
    }

    fn make(&mut self, path: &str, kept: Kept) -> Id {
        let id = self.nodes.len();
        self.nodes.push(Node {
            kept,
            pending: Vec::new(),
        });
        self.name(path, Some(id));
        id
    }

    fn of_inode(&self, inode: u64, path: &str) -> Id {
        // A folder made meanwhile is known by its path alone.
        let known = self.inodes.get(&inode).copied();
        self.find(path)
            .filter(|id| matches!(self.nodes[*id].kept, Kept::Folder(_)))
            .or(known)
            .unwrap_or_else(|| panic!("an unknown file {path}"))
    }

    /// Takes the next record.
    pub fn take(&mut self, happened: &Happened, ignored: Ignored<'_>) {
        self.records += 1;
        match happened {
            Happened::Create { inode, path } => {
                let id = self.make(path, Kept::File(Vec::new()));
                self.inodes.insert(*inode, id);
            }
            Happened::Mkdir { path } => drop(self.make(path, Kept::Folder(BTreeMap::new()))),
            Happened::Write {
                inode,
                offset,
                bytes,
                ..
            } => {
                let (offset, bytes) = (*offset as usize, bytes.clone());
                self.change(self.inodes[inode], Change::Write { offset, bytes });
            }
            Happened::Truncate { inode, length } => {
                self.change(self.inodes[inode], Change::Truncate(*length as usize));
            }
            Happened::Remove { path } => self.name(path, None),
            Happened::Link { from, to } => {
                let what = self.find(from).unwrap();
                self.name(to, Some(what));
            }
            Happened::Rename { from, to } => {
                let what = self.find(from).unwrap();
                let ((old, first), (new, second)) = (self.split(from), self.split(to));
                if old == new {
                    let (from, to) = (first.to_owned(), second.to_owned());
                    self.change(old, Change::Rename { from, to, what });
                } else {
                    self.name(to, Some(what));
                    self.name(from, None);
                }
            }
            Happened::SyncBegin {
                inode,
                thread,
                path,
            } => {
                self.begun
                    .insert((*inode, *thread), (self.records, path.clone()));
            }
            Happened::SyncEnd { inode, thread } => {
                let (until, path) = self.begun.remove(&(*inode, *thread)).unwrap();
                self.sync(*inode, &path, until, ignored);
            }
            Happened::Said(_) => {}
            Happened::Blind { path, what } => panic!("{what} on {path} is not understood"),
        }
    }

    fn sync(&mut self, inode: u64, path: &str, until: usize, ignored: Ignored<'_>) {
        let id = self.of_inode(inode, path);
        let node = &mut self.nodes[id];
        let covered = node.pending.partition_point(|(number, _)| *number < until);
        let is_front =
            |(_, change): &(usize, Change)| matches!(change, Change::Write { offset: 0, .. });
        let synced = Synced {
            path,
            covers_front: node.pending[..covered].iter().any(is_front),
            is_folder: matches!(node.kept, Kept::Folder(_)),
        };
        if ignored(&synced) {
            return;
        }
        for (_, change) in node.pending.drain(..covered) {
            match &mut node.kept {
                Kept::File(content) => apply(content, &change),
                Kept::Folder(names) => rename(names, &change),
            }
        }
    }

    /// Writes what is left after a power cut at this moment into a new folder.
    pub fn cut(&self, survives: Survives, dice: &mut Dice, to: &Path) {
        self.leave(0, survives, dice, to);
    }

    fn leave(&self, id: Id, survives: Survives, dice: &mut Dice, to: &Path) {
        let node = &self.nodes[id];
        match &node.kept {
            Kept::File(content) => {
                let mut content = content.clone();
                for (_, change) in &node.pending {
                    survive(&mut content, change, survives, dice);
                }
                std::fs::write(to, content).unwrap();
                // Keys do not open where others may read them.
                std::fs::set_permissions(to, std::fs::Permissions::from_mode(0o600)).unwrap();
            }
            Kept::Folder(names) => {
                let mut names = names.clone();
                for (_, change) in &node.pending {
                    if survives.keeps(dice) {
                        rename(&mut names, change);
                    }
                }
                std::fs::create_dir_all(to).unwrap();
                for (name, id) in names {
                    self.leave(id, survives, dice, &to.join(name));
                }
            }
        }
    }
}

fn rename(names: &mut BTreeMap<String, Id>, change: &Change) {
    match change {
        Change::Name { name, to: Some(id) } => drop(names.insert(name.clone(), *id)),
        Change::Name { name, to: None } => drop(names.remove(name)),
        Change::Rename { from, to, what } => {
            // Only where the old name means the same thing: a change in between may have been lost.
            if names.get(from) == Some(what) {
                names.remove(from);
            }
            names.insert(to.clone(), *what);
        }
        Change::Write { .. } | Change::Truncate(_) => {}
    }
}

fn put(content: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    content[offset..end].copy_from_slice(bytes);
}

fn apply(content: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write { offset, bytes } => put(content, *offset, bytes),
        Change::Truncate(length) => content.resize(*length, 0),
        Change::Name { .. } | Change::Rename { .. } => {}
    }
}

/// Applies what survives of a change.
fn survive(content: &mut Vec<u8>, change: &Change, survives: Survives, dice: &mut Dice) {
    match (survives, change) {
        (Survives::Some { sector, .. }, Change::Write { offset, bytes }) => {
            // Whole, not at all, or each sector on its own: torn, and reordered against other writes.
            let by_sectors = dice.chance(50);
            let whole = survives.keeps(dice);
            let mut at = 0;
            while at < bytes.len() {
                let end = ((offset + at) / sector + 1) * sector - offset;
                let end = end.min(bytes.len());
                if if by_sectors {
                    survives.keeps(dice)
                } else {
                    whole
                } {
                    put(content, offset + at, &bytes[at..end]);
                }
                at = end;
            }
        }
        _ if survives.keeps(dice) => apply(content, change),
        _ => {}
    }
}
