//! Ids and tags, made from what is passed in: no clock, no random source of its own.

use probity_types::IdentifierKind;

/// Ids for one command, derived from a seed that the caller drew at random.
#[derive(Debug, Clone)]
pub struct IdSource {
    seed: [u8; 32],
    drawn: u64,
}

impl IdSource {
    /// A source over a random seed.
    pub fn new(seed: [u8; 32]) -> Self {
        Self { seed, drawn: 0 }
    }

    /// The next id.
    pub fn draw(&mut self) -> [u8; 16] {
        let id = first16(&blake3::keyed_hash(&self.seed, &self.drawn.to_le_bytes()));
        self.drawn += 1;
        id
    }
}

fn first16(hash: &blake3::Hash) -> [u8; 16] {
    let mut out = [0; 16];
    out.copy_from_slice(&hash.as_bytes()[..16]);
    out
}

/// A keyed hash that stands for personal content in memory. Tags never reach the log.
pub type Tag = [u8; 16];

/// Half a tag, for telling the content under one record key from another content.
pub type ShortTag = [u8; 8];

/// Makes tags under one secret.
#[derive(Debug, Clone)]
pub struct Tagger {
    key: [u8; 32],
}

impl Tagger {
    /// A tagger over the look-up secret of the key ring.
    pub fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// Tag over length-prefixed pieces under a purpose, so that no two purposes and no two splittings meet.
    pub fn tag(&self, purpose: &str, pieces: &[&[u8]]) -> Tag {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        for piece in std::iter::once(purpose.as_bytes()).chain(pieces.iter().copied()) {
            hasher.update(&(piece.len() as u64).to_le_bytes());
            hasher.update(piece);
        }
        first16(&hasher.finalize())
    }

    /// Tag of one identifier: declared kind and normalised value.
    pub fn identifier(&self, kind: IdentifierKind, value: &str) -> Tag {
        use probity_types::CodeList;
        self.tag(
            "identifier",
            &[&kind.number().to_le_bytes(), value.as_bytes()],
        )
    }

    /// Tag of a folded name within a kind of subject.
    pub fn name(&self, person: bool, folded: &str) -> Tag {
        self.tag("name", &[&[u8::from(person)], folded.as_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_and_repeat_only_with_the_seed() {
        let mut one = IdSource::new([1; 32]);
        let mut same = IdSource::new([1; 32]);
        let (first, second) = (one.draw(), one.draw());
        assert_ne!(first, second);
        assert_eq!((same.draw(), same.draw()), (first, second));
        assert_ne!(IdSource::new([2; 32]).draw(), first);
    }

    #[test]
    fn tags_do_not_meet_across_purposes_or_splittings() {
        let tagger = Tagger::new([3; 32]);
        assert_ne!(tagger.tag("a", &[b"bc"]), tagger.tag("ab", &[b"c"]));
        assert_ne!(tagger.tag("a", &[b"b", b"c"]), tagger.tag("a", &[b"bc"]));
        assert_ne!(tagger.name(true, "x"), tagger.name(false, "x"));
    }
}
