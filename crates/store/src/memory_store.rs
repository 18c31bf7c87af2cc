//! A log in memory, for tests and rehearsals. Its [`MemoryDisk`] plays the folder: it outlives the
//! store, so that "reopen" means the same as on disk. Nothing here survives the process.

use crate::log_store::{
    AppendError, Head, LogReader, LogStore, PageLimit, StoreError, check_append, check_redact,
    collect_page,
};
use probity_types::Position;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// What a [`MemoryStore`] leaves behind when it is closed or dropped.
#[derive(Debug, Clone, Default)]
pub struct MemoryDisk {
    shared: Arc<RwLock<Content>>,
    held: Arc<AtomicBool>,
}

#[derive(Debug)]
struct Content {
    head: Head,
    entries: Vec<Vec<u8>>,
}

impl Default for Content {
    fn default() -> Self {
        Self {
            head: Head::EMPTY,
            entries: Vec::new(),
        }
    }
}

impl MemoryDisk {
    // A panic elsewhere cannot leave `Content` half changed: it is only ever written by two
    // statements that do not panic. So a poisoned lock is still a right one.
    fn read(&self) -> RwLockReadGuard<'_, Content> {
        self.shared.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Content> {
        self.shared.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// See the module.
#[derive(Debug)]
pub struct MemoryStore {
    disk: MemoryDisk,
    open: Arc<AtomicBool>,
}

impl MemoryStore {
    /// Opens what the disk holds; an unused disk holds an empty log.
    ///
    /// # Errors
    /// [`StoreError::InUse`] while another store has it open.
    pub fn open(disk: &MemoryDisk) -> Result<Self, StoreError> {
        if disk.held.swap(true, Ordering::SeqCst) {
            return Err(StoreError::InUse {
                path: "the memory disk".into(),
            });
        }
        Ok(Self {
            disk: disk.clone(),
            open: Arc::new(AtomicBool::new(true)),
        })
    }
}

impl Drop for MemoryStore {
    fn drop(&mut self) {
        self.open.store(false, Ordering::SeqCst);
        self.disk.held.store(false, Ordering::SeqCst);
    }
}

impl LogStore for MemoryStore {
    fn head(&self) -> Head {
        self.disk.read().head
    }

    fn append_bytes_max(&self) -> u64 {
        u64::MAX
    }

    fn append(
        &mut self,
        expected: Head,
        entries: &[Vec<u8>],
        new_head: Head,
    ) -> Result<(), AppendError> {
        let mut content = self.disk.write();
        check_append(content.head, expected, entries, new_head)?;
        content.entries.extend_from_slice(entries);
        content.head = new_head;
        Ok(())
    }

    fn redact(&mut self, position: Position, replacement: &[u8]) -> Result<(), StoreError> {
        let mut content = self.disk.write();
        let head = content.head;
        check_redact(head, position, replacement.len())?;
        let slot = usize::try_from(position.0)
            .ok()
            .and_then(|p| content.entries.get_mut(p));
        *slot.ok_or(StoreError::NoSuchEntry {
            position,
            head: head.next,
        })? = replacement.to_vec();
        Ok(())
    }

    fn reader(&self) -> Arc<dyn LogReader> {
        Arc::new(MemoryReader {
            disk: self.disk.clone(),
            open: Arc::clone(&self.open),
        })
    }

    fn close(self: Box<Self>) -> Result<(), StoreError> {
        Ok(())
    }
}

struct MemoryReader {
    disk: MemoryDisk,
    open: Arc<AtomicBool>,
}

impl MemoryReader {
    fn content(&self) -> Result<RwLockReadGuard<'_, Content>, StoreError> {
        if self.open.load(Ordering::SeqCst) {
            Ok(self.disk.read())
        } else {
            Err(StoreError::Closed)
        }
    }
}

impl Content {
    fn entry(&self, position: Position) -> Option<Vec<u8>> {
        usize::try_from(position.0)
            .ok()
            .and_then(|p| self.entries.get(p))
            .cloned()
    }
}

impl LogReader for MemoryReader {
    fn head(&self) -> Head {
        self.disk.read().head
    }

    fn entry(&self, position: Position) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.content()?.entry(position))
    }

    fn page(&self, from: Position, most: PageLimit) -> Result<Vec<Vec<u8>>, StoreError> {
        let content = self.content()?;
        collect_page(most.range(from, &content.head), |p| Ok(content.entry(p)))
    }
}
