//! Lending: a ring of its own that opens what this one opens today, and nothing else.

use super::{KeyRing, KeyRingError, MasterKey, failed};
use std::path::Path;

impl KeyRing {
    /// Writes a ring with the same persons' keys into `dir`, under another master key. Its instance root is new, so that
    /// whoever gets it cannot sign for the log, recompute its idempotency tags or look numbers up by its tags; keys that
    /// were destroyed are not in it.
    ///
    /// # Errors
    /// `RingExists`, `Folder`, `Random`.
    pub fn lend(&self, dir: &Path, master: MasterKey) -> Result<(), KeyRingError> {
        let mut lent = Self::create(dir, self.log_id, master)?;
        lent.slots = self.slots.under(lent.slots.instance());
        let appended = lent
            .destroyed
            .append(&self.destroyed.erasures, lent.ring.generation);
        appended.map_err(failed("append to the list of destroyed keys in", dir))?;
        lent.next_generation()
    }
}

impl MasterKey {
    /// Another master key that belongs to this one and a text: neither alone opens what is wrapped under it.
    #[must_use]
    pub fn bound_to(&self, text: &[u8]) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("probity 2026 lent keys v1");
        hasher.update(&self.0[..]).update(text);
        Self::from_bytes(*hasher.finalize().as_bytes())
    }
}
