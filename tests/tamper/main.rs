//! The tamper matrix: every attack on a log, who must notice it, and what must be said.
//!
//! One small log is made once; every row alters a copy of it and asks the verifiers. A row that nobody can notice says so,
//! and expects to be accepted: what is not detectable is written down, not passed over. The table is printed at the end.
//! Rewound folders and second servers on a copied folder, each with an anchor, with witnesses and with neither, are in
//! `tests/e2e/checkpoints/outside.rs`.
//!
//! `PROBITY_SEED` repeats the sampled flips.

mod base;
mod cuts;
mod flips;
mod forge;
mod judges;
mod notes;
mod proofs;
mod rechain;
mod table;
mod tiles;

use base::Base;

#[test]
fn every_attack_is_noticed_by_whoever_can_and_named() {
    let base = Base::make();
    let mut rows = Vec::new();
    rows.extend(flips::rows());
    rows.extend(cuts::rows());
    rows.extend(rechain::rows());
    rows.extend(tiles::rows());
    rows.extend(proofs::rows());
    rows.extend(notes::rows());
    table::run(&base, &rows);
}
