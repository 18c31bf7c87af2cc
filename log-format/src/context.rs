//! Contexts of hashes, each hashed once in the life of a process.

use std::sync::OnceLock;

/// A context string with its key.
#[derive(Debug)]
pub(crate) struct Context {
    text: &'static str,
    key: OnceLock<[u8; 32]>,
}

impl Context {
    pub(crate) const fn new(text: &'static str) -> Self {
        let key = OnceLock::new();
        Self { text, key }
    }

    /// The key that the text stands for.
    pub(crate) fn key(&self) -> &[u8; 32] {
        self.key
            .get_or_init(|| blake3::hazmat::hash_derive_key_context(self.text))
    }

    /// The same as `blake3::Hasher::new_derive_key` over the text.
    pub(crate) fn hasher(&self) -> blake3::Hasher {
        blake3::hazmat::HasherExt::new_from_context_key(self.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_hashes_as_its_text_does() {
        let context = Context::new("probity test v1");
        for content in [&b""[..], b"content"] {
            let direct = blake3::derive_key("probity test v1", content);
            let hash = context.hasher().update(content).finalize();
            assert_eq!(*hash.as_bytes(), direct);
        }
    }
}
