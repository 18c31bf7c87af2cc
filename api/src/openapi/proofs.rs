//! Documentation of checkpoints, tiles and proofs. No function here is ever called.
#![allow(dead_code, reason = "the functions carry the text of the interface")]

use crate::query::{BundleQuery, ConsistencyQuery, ProofQuery};
use crate::schema::Id;
use crate::views::{ConsistencyView, InclusionView, SigningKeysView};

/// The newest signed checkpoint
///
/// A signed note (C2SP tlog-checkpoint): name of the log, number of entries, root, signatures and cosignatures.
#[utoipa::path(get, path = "/log/checkpoint", tag = "proof",
    responses((status = 200, description = "the note", body = String, content_type = "text/plain; charset=utf-8")))]
fn read_checkpoint() {}

/// The key that signs checkpoints
///
/// As a signed-note verifier key, one line. Whoever checks takes it from somewhere else, or keeps the one seen first.
#[utoipa::path(get, path = "/log/vkey", tag = "proof",
    responses((status = 200, description = "the key", body = String, content_type = "text/plain; charset=utf-8")))]
fn read_vkey() {}

/// A tile of the tree, or the leaf entries of one
///
/// C2SP tlog-tiles. `level` is a number from 0 to 63, or `entries`; `index` is the tile's number in groups of three digits,
/// all but the last behind `x`, with `.p/<width>` behind it for a partial tile.
#[utoipa::path(get, path = "/log/tile/{level}/{index}", tag = "proof",
    params(("level" = String, Path, description = "Level, or `entries`."),
        ("index" = String, Path, description = "Tile, for example `x001/234` or `000.p/17`.")),
    responses((status = 200, description = "the tile", body = [u8], content_type = "application/octet-stream")))]
fn read_tile() {}

/// Every key of the log
///
/// The key in use, those before it, and the log's own cosigner.
#[utoipa::path(get, path = "/v1/signing-keys", tag = "proof",
    responses((status = 200, body = SigningKeysView, description = "the keys")))]
fn list_signing_keys() {}

/// Prove that an entry is in the log
///
/// The path from the entry's leaf to the root of a tree. The root itself is not in it: take it from a checkpoint.
#[utoipa::path(get, path = "/v1/entries/{position}/proof", tag = "proof",
    params(("position" = u64, Path, description = "Place in the log, from 0."), ProofQuery),
    responses((status = 200, body = InclusionView, description = "the proof")))]
fn prove_inclusion() {}

/// The same as a file
///
/// C2SP tlog-proof: index, path, and the newest checkpoint behind them.
#[utoipa::path(get, path = "/v1/entries/{position}/tlog-proof", tag = "proof",
    params(("position" = u64, Path, description = "Place in the log, from 0.")),
    responses((status = 200, description = "the file", body = String, content_type = "text/plain; charset=utf-8")))]
fn read_tlog_proof() {}

/// Prove that a later tree goes on from an earlier one
///
/// Whoever kept an old checkpoint learns with it that nothing before it was changed or taken out.
#[utoipa::path(get, path = "/v1/consistency", tag = "proof", params(ConsistencyQuery),
    responses((status = 200, body = ConsistencyView, description = "the proof")))]
fn prove_consistency() {}

/// A record as a file that is checked offline
///
/// One entry of the record with what may be shown of it, its path in the tree, and the newest checkpoint. It proves that this
/// entry stands in the log, and nothing about later ones: ask for those of its corrections as well. Records about persons need
/// a key with `persons:read`, a purpose and a basis.
#[utoipa::path(get, path = "/v1/records/{id}/bundle", tag = "proof",
    params(("id" = Id, Path, description = "Record id."), BundleQuery),
    responses((status = 200, description = "the bundle", body = Object, content_type = "application/json")))]
fn read_bundle() {}
