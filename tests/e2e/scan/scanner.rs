//! Looks for texts in bytes: in every encoding in which they could lie there, and inside what the store's engine
//! compressed.

use aho_corasick::{AhoCorasick, MatchKind};
use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

/// First bytes of what the engine compressed (RFC 8878).
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];
/// Shorter names would be met by chance in a few megabytes of ciphertext: two characters are four bytes in GBK.
pub const NAME_CHARACTERS_MIN: usize = 3;

/// Every way in which a text could lie in a file or a log line.
pub fn encodings(text: &str) -> Vec<Vec<u8>> {
    let utf8 = text.as_bytes().to_vec();
    let little = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let (gb18030, _, _) = encoding_rs::GB18030.encode(text);
    let each = |form: &dyn Fn(u8) -> String| text.bytes().map(form).collect::<String>();
    let in_address = each(&|byte| match byte {
        b if b.is_ascii_alphanumeric() => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    });
    // As bytes and texts are printed for debugging.
    let in_debug = each(&|byte| match byte {
        b if b.is_ascii() => char::from(b).to_string(),
        b => format!("\\x{b:02x}"),
    });
    let in_json: String = text
        .encode_utf16()
        .map(|unit| match u8::try_from(unit) {
            Ok(ascii) if ascii.is_ascii() => char::from(ascii).to_string(),
            _ => format!("\\u{unit:04x}"),
        })
        .collect();
    let mut all = vec![utf8, little, big, gb18030.into_owned()];
    all.extend([in_address, in_debug, in_json].map(String::into_bytes));
    all
}

/// Looks for many texts at once.
pub struct Scanner {
    texts: Vec<String>,
    /// Which text a pattern belongs to.
    owners: Vec<usize>,
    machine: AhoCorasick,
}

impl Scanner {
    /// A scanner for these texts.
    pub fn new(texts: &BTreeSet<String>) -> Self {
        let texts: Vec<String> = texts.iter().cloned().collect();
        let (mut owners, mut patterns) = (Vec::new(), Vec::new());
        for (owner, text) in texts.iter().enumerate() {
            for pattern in encodings(text) {
                owners.push(owner);
                patterns.push(pattern);
            }
        }
        let machine = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .ascii_case_insensitive(true)
            .build(patterns)
            .expect("patterns of a few bytes");
        Self {
            texts,
            owners,
            machine,
        }
    }

    /// Texts that stand in the bytes, or in what is compressed in them.
    pub fn look(&self, bytes: &[u8]) -> BTreeSet<&str> {
        let mut found = self.look_plain(bytes);
        for offset in magic_places(bytes) {
            let mut plain = Vec::new();
            if let Ok(reader) = zstd::stream::read::Decoder::with_buffer(&bytes[offset..]) {
                // What was read before an error counts: a frame may end in another file's bytes.
                let _ = reader.single_frame().read_to_end(&mut plain);
            }
            found.extend(self.look_plain(&plain));
        }
        found
    }

    fn look_plain(&self, bytes: &[u8]) -> BTreeSet<&str> {
        self.machine
            .find_overlapping_iter(bytes)
            .map(|hit| self.texts[self.owners[hit.pattern().as_usize()]].as_str())
            .collect()
    }

    /// The same over every file of a folder, at any depth, names of files included.
    pub fn look_under(&self, folder: &Path) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        let mut files = 0;
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                found.extend(self.look_plain(path.as_os_str().as_encoded_bytes()));
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files += 1;
                    found.extend(self.look(&std::fs::read(&path).expect("a file")));
                }
            }
        }
        assert!(files > 0, "{} holds files", folder.display());
        found
    }

    /// Texts that are looked for.
    pub fn texts(&self) -> BTreeSet<&str> {
        self.texts.iter().map(String::as_str).collect()
    }
}

fn magic_places(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let windows = bytes.windows(ZSTD_MAGIC.len()).enumerate();
    windows.filter(|(_, w)| *w == ZSTD_MAGIC).map(|(at, _)| at)
}

#[test]
fn the_scanner_finds_a_text_in_every_encoding_and_inside_what_is_compressed() {
    let texts = BTreeSet::from([
        "阿依努尔·买买提".to_owned(),
        "65020319900307001X".to_owned(),
    ]);
    let scanner = Scanner::new(&texts);
    for text in &texts {
        for bytes in encodings(text) {
            let lying = [b"before ".as_slice(), &bytes, b" after"].concat();
            assert_eq!(scanner.look(&lying), BTreeSet::from([text.as_str()]));
            let packed = zstd::encode_all(lying.as_slice(), 3).expect("compresses");
            let lying = [b"before ".as_slice(), &packed, b" after"].concat();
            assert_eq!(scanner.look(&lying), BTreeSet::from([text.as_str()]));
        }
        assert!(scanner.look(&text.as_bytes()[..text.len() - 3]).is_empty());
    }
    assert_eq!(
        scanner.look("65020319900307001x".as_bytes()).len(),
        1,
        "a small x is the same number"
    );
}
