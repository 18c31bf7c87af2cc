//! Limits of the format. Each is checked before anything is allocated or decoded; SPEC.md lists the same values.

/// First byte of every header: the format this build writes.
pub const FORMAT_VERSION: u8 = 1;
/// Events in one unit (a unit is appended whole or not at all).
pub const UNIT_EVENTS_MAX: u32 = 4_096;
/// Encoded bytes of one unit's frames together: 8 MiB.
pub const UNIT_BYTES_MAX: u64 = 8_388_608;
/// Encoded bytes of one open part: 2 MiB. Policy texts are the largest.
pub const OPEN_PART_BYTES_MAX: u64 = 2_097_152;
/// Encoded bytes of one sealed part before sealing: 256 KiB.
pub const SEALED_PART_BYTES_MAX: u64 = 262_144;
/// Sealed parts of one entry, each one person's.
pub const SEALED_PARTS_MAX: u32 = 8;
/// Encoded bytes of one frame: open part, eight sealed parts, header and hashes.
pub const FRAME_BYTES_MAX: u64 = 4_194_304;
/// Entries of one segment file.
pub const SEGMENT_ENTRIES_MAX: u64 = 65_536;
/// Characters of one policy text.
pub const POLICY_TEXT_CHARS_MAX: u32 = 500_000;
