//! Checkpoints, tiles and proofs: what anybody checks us with.

use crate::answer::Answer;
use crate::call::Call;
use crate::errors::Trouble;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use probity_api::{
    ConsistencyQuery, ConsistencyView, InclusionView, ProblemType, ProofQuery, SigningKeyView,
    SigningKeysView,
};
use probity_app::checkpoints::{self, ProveError};
use probity_proof::{Tile, TreeHash};
use probity_types::Position;

const TEXT: &str = "text/plain; charset=utf-8";
const BYTES: &str = "application/octet-stream";
/// The newest checkpoint is the newest only for a moment.
const FRESH: &str = "no-cache";
/// What a tile holds never changes.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

impl From<ProveError> for Trouble {
    fn from(error: ProveError) -> Self {
        match error {
            ProveError::NotYet => Self::of(ProblemType::NoCheckpoint),
            ProveError::Range { field, max, found } => {
                let en = format!(
                    "{field}: at most {max} is covered by the last checkpoint, found {found}"
                );
                let zh = format!("{field}：最新检查点至多覆盖到 {max}，现为 {found}");
                Self::saying(ProblemType::InvalidQuery, en, zh)
            }
            other => Self::internal(other),
        }
    }
}

/// A piece of the log for everybody, also for pages of other sites.
fn public(kind: &'static str, caching: &'static str, body: Vec<u8>) -> Response {
    let value = HeaderValue::from_static;
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::CONTENT_TYPE, value(kind)),
        (header::CACHE_CONTROL, value(caching)),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, value("*")),
    ];
    (headers, body).into_response()
}

fn base64s(path: &[TreeHash]) -> Vec<String> {
    path.iter().map(ToString::to_string).collect()
}

/// The newest checkpoint.
pub async fn read_checkpoint(call: Call) -> Result<Response, Trouble> {
    let (published, _) = call.service.ledger.proven()?;
    Ok(public(TEXT, FRESH, published.note.clone().into_bytes()))
}

/// The key that signs.
pub async fn read_vkey(call: Call) -> Result<Response, Trouble> {
    let vkey = call.service.ledger.signing_keys()?.newest();
    Ok(public(TEXT, FRESH, format!("{vkey}\n").into_bytes()))
}

/// One tile of the tree below the last checkpoint.
pub async fn read_tile(call: Call) -> Result<Response, Trouble> {
    let path = format!("tile/{}/{}", call.text("level"), call.text("index"));
    let tile = Tile::parse(&path).map_err(|error| {
        let zh = format!("{path} 不是分块地址，应形如 tile/0/x001/234 或 tile/entries/000.p/7");
        Trouble::saying(ProblemType::InvalidPath, error.to_string(), zh)
    })?;
    let (published, tiles) = call.service.ledger.proven()?;
    let bytes = tiles
        .tile(&tile, published.head.size)
        .map_err(Trouble::internal)?;
    let bytes = bytes.ok_or_else(|| Trouble::of(ProblemType::NotFound))?;
    Ok(public(BYTES, IMMUTABLE, bytes))
}

/// Every key.
pub async fn list_signing_keys(call: Call) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let known = ledger.signing_keys()?;
    let now = ledger.clock.now();
    let items = known.keys.iter().map(|key| SigningKeyView {
        number: key.number,
        vkey: key.vkey.to_string(),
        since: key.since,
        signs: key.until.is_none_or(|until| now < until),
    });
    Ok(Answer::of(&SigningKeysView {
        origin: known.origin.clone(),
        items: items.collect(),
        cosigner: known.cosigner.to_string(),
    }))
}

fn position(call: &Call) -> Result<Position, Trouble> {
    let position = call.text("position").parse().map(Position);
    position.map_err(|_| Trouble::of(ProblemType::InvalidPath))
}

/// An entry that is in no checkpoint yet is waited for; one that nobody wrote is not there.
fn refuse_beyond(call: &Call, position: Position, size: u64) -> Result<(), Trouble> {
    if position.0 < size {
        return Ok(());
    }
    let head = call.service.ledger.reader.head().next;
    Err(Trouble::of(match position < head {
        true => ProblemType::NoCheckpoint,
        false => ProblemType::NotFound,
    }))
}

/// A size that a caller names, at most the published one.
fn size_of(asked: Option<u64>, field: &'static str, published: u64) -> Result<u64, ProveError> {
    match asked {
        Some(found) if found > published => Err(ProveError::Range {
            field,
            max: published,
            found,
        }),
        asked => Ok(asked.unwrap_or(published)),
    }
}

/// The way from an entry to the root.
pub async fn prove_inclusion(call: Call) -> Result<Answer, Trouble> {
    let position = position(&call)?;
    let query: ProofQuery = call.query()?;
    let ledger = &call.service.ledger;
    let (published, tiles) = ledger.proven()?;
    refuse_beyond(&call, position, published.head.size)?;
    let size = size_of(query.size, "size", published.head.size)?;
    let path = checkpoints::prove_inclusion(&tiles, position, size)?;
    let leaf = tiles.leaf(position.0).map_err(Trouble::internal)?;
    let leaf = leaf.ok_or_else(|| Trouble::of(ProblemType::NoCheckpoint))?;
    Ok(Answer::of(&InclusionView {
        position,
        leaf: STANDARD.encode(leaf),
        size,
        path: base64s(&path),
    }))
}

/// The same as a file.
pub async fn read_tlog_proof(call: Call) -> Result<Response, Trouble> {
    let position = position(&call)?;
    let ledger = &call.service.ledger;
    refuse_beyond(&call, position, ledger.proven()?.0.head.size)?;
    let text = ledger.tlog_proof(position)?;
    Ok(public(TEXT, FRESH, text.into_bytes()))
}

/// The way from an earlier tree to a later one.
pub async fn prove_consistency(call: Call) -> Result<Answer, Trouble> {
    let query: ConsistencyQuery = call.query()?;
    let (published, tiles) = call.service.ledger.proven()?;
    let to = size_of(query.to, "to", published.head.size)?;
    let path = checkpoints::prove_consistency(&tiles, query.from, to)?;
    Ok(Answer::of(&ConsistencyView {
        from: query.from,
        to,
        path: base64s(&path),
    }))
}
