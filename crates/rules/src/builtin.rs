//! The packs that ship with the program. The text is what gets adopted by event; nothing reads
//! these constants behind the log's back.

use crate::head::PackKind;

/// One shipped pack: what an adoption event carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltinPack {
    /// Which kind of pack.
    pub kind: PackKind,
    /// Its id, as in the text's header.
    pub id: &'static str,
    /// Its version, as in the text's header.
    pub version: &'static str,
    /// The TOML text, byte for byte.
    pub text: &'static str,
}

/// Every shipped pack, in an order in which they can be adopted: code lists before the catalogue
/// that names them, penalty kinds and lists before the periods that name those, a calendar
/// before the one that lies over it.
pub const PACKS: [BuiltinPack; 9] = [
    BuiltinPack {
        kind: PackKind::Codes,
        id: "karamay-codes",
        version: "1",
        text: include_str!("../packs/codes.toml"),
    },
    BuiltinPack {
        kind: PackKind::PenaltyKinds,
        id: "penalty-kinds",
        version: "1",
        text: include_str!("../packs/penalty-kinds.toml"),
    },
    BuiltinPack {
        kind: PackKind::Catalogue,
        id: "karamay-catalogue",
        version: "1",
        text: include_str!("../packs/catalogue.toml"),
    },
    BuiltinPack {
        kind: PackKind::Lists,
        id: "karamay-lists",
        version: "1",
        text: include_str!("../packs/lists.toml"),
    },
    BuiltinPack {
        kind: PackKind::PublicationPeriods,
        id: "publication-periods",
        version: "1",
        text: include_str!("../packs/publication-periods.toml"),
    },
    BuiltinPack {
        kind: PackKind::Policy,
        id: "karamay-policy",
        version: "1",
        text: include_str!("../packs/karamay-policy.toml"),
    },
    BuiltinPack {
        kind: PackKind::Calendar,
        id: "cn",
        version: "1",
        text: include_str!("../packs/calendar-cn.toml"),
    },
    BuiltinPack {
        kind: PackKind::Calendar,
        id: "cn-xj",
        version: "1",
        text: include_str!("../packs/calendar-cn-xj.toml"),
    },
    BuiltinPack {
        kind: PackKind::Clocks,
        id: "clocks",
        version: "1",
        text: include_str!("../packs/clocks.toml"),
    },
];

/// The source register that ships, generated to published totals. A new ledger does not begin with it: whose register is
/// real adopts its own.
pub const SOURCE_REGISTER: BuiltinPack = BuiltinPack {
    kind: PackKind::SourceRegister,
    id: "karamay-source-register",
    version: "1",
    text: include_str!("../packs/source-register.toml"),
};
