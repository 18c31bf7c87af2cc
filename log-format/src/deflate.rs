//! Raw DEFLATE (RFC 1951) of what is short: one block with the fixed codes, matches found through a small table.
//!
//! A general compressor spends most of its time on some hundred bytes with clearing its tables, and codes of its own for so
//! short a block take more room than they save. Any inflater reads the result. Out of scope: long contents, reading.

/// Longest content that [`deflate_short`] takes.
pub(crate) const SHORT_BYTES_MAX: usize = 4096;

const MATCH_MIN: usize = 3;
const MATCH_MAX: usize = 258;
/// Places of the table of earlier positions, a power of two.
const TABLE: usize = 512;
const END_OF_BLOCK: usize = 256;
/// Shortest length of each length symbol from 257 on, and the extra bits after it.
const LENGTHS: [(u16, u8); 29] = [
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 1),
    (13, 1),
    (15, 1),
    (17, 1),
    (19, 2),
    (23, 2),
    (27, 2),
    (31, 2),
    (35, 3),
    (43, 3),
    (51, 3),
    (59, 3),
    (67, 4),
    (83, 4),
    (99, 4),
    (115, 4),
    (131, 5),
    (163, 5),
    (195, 5),
    (227, 5),
    (258, 0),
];

/// Bits in the order in which they are written, and their number.
#[derive(Clone, Copy)]
struct Code {
    bits: u32,
    length: u32,
}

/// Huffman codes are written with their first bit first, everything else with its lowest.
const fn code(bits: u32, length: u32) -> Code {
    Code {
        bits: bits.reverse_bits() >> (32 - length),
        length,
    }
}

impl Code {
    const fn then(self, bits: u32, length: u32) -> Self {
        Self {
            bits: self.bits | bits << self.length,
            length: self.length + length,
        }
    }
}

/// The fixed code of a literal or length symbol (RFC 1951, 3.2.6).
const fn fixed(symbol: u32) -> Code {
    match symbol {
        0..=143 => code(0b0011_0000 + symbol, 8),
        144..=255 => code(0b1_1001_0000 + (symbol - 144), 9),
        256..=279 => code(symbol - 256, 7),
        _ => code(0b1100_0000 + (symbol - 280), 8),
    }
}

/// Codes of the literals and of the end of the block.
static SYMBOLS: [Code; END_OF_BLOCK + 1] = {
    let mut codes = [Code { bits: 0, length: 0 }; END_OF_BLOCK + 1];
    let mut symbol = 0;
    while symbol < codes.len() {
        codes[symbol] = fixed(symbol as u32);
        symbol += 1;
    }
    codes
};

/// Codes of the lengths with their extra bits, by length.
static MATCHES: [Code; MATCH_MAX + 1] = {
    let mut codes = [Code { bits: 0, length: 0 }; MATCH_MAX + 1];
    let mut symbol = 0;
    while symbol < LENGTHS.len() {
        let (shortest, extra) = LENGTHS[symbol];
        let mut more = 0;
        // 258 has a symbol of its own, which comes last and stays.
        while more < 1 << extra && shortest as usize + more <= MATCH_MAX {
            codes[shortest as usize + more] =
                fixed(257 + symbol as u32).then(more as u32, extra as u32);
            more += 1;
        }
        symbol += 1;
    }
    codes
};

/// The code of a distance of at most [`SHORT_BYTES_MAX`], with its extra bits.
fn distance_code(distance: u32) -> Code {
    let least = distance - 1;
    if least < 4 {
        return code(least, 5);
    }
    let extra = 30 - least.leading_zeros();
    let symbol = 2 * extra + (least >> extra);
    code(symbol, 5).then(least & ((1 << extra) - 1), extra)
}

/// Writes bits, the lowest first.
struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    held: u64,
    count: u32,
}

impl BitWriter<'_> {
    fn put(&mut self, code: Code) {
        self.held |= u64::from(code.bits) << self.count;
        self.count += code.length;
        if self.count >= 32 {
            self.out
                .extend_from_slice(&(self.held as u32).to_le_bytes());
            self.held >>= 32;
            self.count -= 32;
        }
    }

    fn finish(self) {
        let bytes = self.count.div_ceil(8) as usize;
        self.out
            .extend_from_slice(&self.held.to_le_bytes()[..bytes]);
    }
}

fn slot(three: [u8; 3]) -> usize {
    let [a, b, c] = three;
    let number = u32::from_le_bytes([a, b, c, 0]);
    (number.wrapping_mul(0x9e37_79b1) >> (32 - TABLE.trailing_zeros())) as usize
}

/// Bytes from `at` on that repeat those from `before` on.
fn matching(content: &[u8], before: usize, at: usize) -> usize {
    let (old, new) = (&content[before..], &content[at..]);
    let pairs = old.iter().zip(new).take(MATCH_MAX);
    pairs.take_while(|(old, new)| old == new).count()
}

/// Appends the stream of `content`, at most [`SHORT_BYTES_MAX`] bytes, to `out`.
pub(crate) fn deflate_short(content: &[u8], out: &mut Vec<u8>) {
    let (held, count) = (0, 0);
    let mut bits = BitWriter { out, held, count };
    // The last block, with the fixed codes.
    bits.put(Code {
        bits: 0b011,
        length: 3,
    });
    // Positions are kept plus one: zero is none.
    let mut table = [0u16; TABLE];
    let mut at = 0;
    while let Some(rest) = content.get(at..).filter(|rest| !rest.is_empty()) {
        let mut length = 0;
        if let Some(three) = rest.first_chunk::<MATCH_MIN>() {
            let slot = slot(*three);
            let before = std::mem::replace(&mut table[slot], at as u16 + 1);
            if let Some(before) = usize::from(before).checked_sub(1) {
                length = matching(content, before, at);
                if length >= MATCH_MIN {
                    bits.put(MATCHES[length]);
                    bits.put(distance_code((at - before) as u32));
                }
            }
        }
        if length < MATCH_MIN {
            bits.put(SYMBOLS[usize::from(rest[0])]);
            length = 1;
        }
        at += length;
    }
    bits.put(SYMBOLS[END_OF_BLOCK]);
    bits.finish();
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn inflated(content: &[u8]) -> Vec<u8> {
        let mut out = vec![7];
        deflate_short(content, &mut out);
        assert_eq!(out[0], 7, "what stood there stays");
        miniz_oxide::inflate::decompress_to_vec(&out[1..]).expect("a stream")
    }

    proptest! {
        #[test]
        fn what_is_deflated_inflates_to_the_same(content in proptest::collection::vec(any::<u8>(), 0..SHORT_BYTES_MAX)) {
            prop_assert_eq!(inflated(&content), content);
        }

        #[test]
        fn repetitions_at_every_distance_and_of_every_length_inflate(
            runs in proptest::collection::vec((0u8..4, 1usize..400), 0..10),
        ) {
            let content: Vec<u8> = runs.iter().flat_map(|(byte, length)| vec![*byte; *length]).collect();
            prop_assert_eq!(inflated(&content), content);
        }
    }

    #[test]
    fn every_length_and_every_distance_has_its_code() {
        for length in MATCH_MIN..=MATCH_MAX {
            let mut content = vec![b'a'; length + 1];
            content.push(b'b');
            assert_eq!(inflated(&content), content, "length {length}");
        }
        for distance in 4..SHORT_BYTES_MAX - 4 {
            let mut content: Vec<u8> = b"wxyz".to_vec();
            content.resize(distance, b'-');
            content.extend_from_slice(b"wxyz");
            assert_eq!(inflated(&content), content, "distance {distance}");
        }
    }

    #[test]
    fn fixed_width_numbers_shrink_to_less_than_half() {
        let content: Vec<u8> = (0..40u64).flat_map(u64::to_le_bytes).collect();
        let mut out = Vec::new();
        deflate_short(&content, &mut out);
        assert!(out.len() * 2 < content.len(), "{}", out.len());
    }
}
