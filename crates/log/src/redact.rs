//! Dropping what a committed erasure names. The writer does it to its store, an export to its segments, an import to what it
//! appends.

use crate::walk::names;
use probity_format::events::ErasureRecorded;
use probity_format::frame::Frame;
use probity_format::wire::ListError;
use probity_store::keyring::Erasure;

/// The frame without the ciphertexts under the keys that an erasure destroys; none where it holds none of them. Every hash
/// stays.
///
/// # Errors
/// [`ListError`]: never for a frame that was decoded.
pub fn redacted(frame: &Frame, erasure: &ErasureRecorded) -> Result<Option<Frame>, ListError> {
    let mut is_changed = false;
    let parts = frame.sealed.iter().cloned().map(|mut part| {
        if part.ciphertext.is_some() && names(erasure, &part.key()) {
            part.ciphertext = None;
            is_changed = true;
        }
        part
    });
    let parts: Vec<_> = parts.collect();
    if !is_changed {
        return Ok(None);
    }
    let mut frame = frame.clone();
    frame.sealed = parts.try_into()?;
    Ok(Some(frame))
}

/// The keys that an erasure destroys; none for a leaf that no tree has.
pub fn destroyed_by(erasure: &ErasureRecorded) -> Option<Erasure> {
    match erasure.index {
        None => Some(Erasure::Root(erasure.root)),
        Some(index) => {
            let index = u32::try_from(index).ok()?;
            Some(Erasure::One(erasure.root, index))
        }
    }
}
