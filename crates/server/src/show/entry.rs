//! Entries of the log as they stand.

use probity_api::{ActorView, Bilingual, EntryView, HowToCheck, PartState, PartView};
use probity_domain::{Entry, Part, PartContent};
use probity_format::events::StreamKind;
use probity_format::frame::{ActorKind, Frame, Links, SealedPart};
use probity_types::{Position, hex};

/// Whether a part's content can be shown.
pub fn part_state(content: &PartContent) -> PartState {
    match content {
        PartContent::Opened(_) => PartState::Opened,
        PartContent::Sealed => PartState::Sealed,
        PartContent::Erased => PartState::Erased,
    }
}

fn part((part, stored): (&Part, &SealedPart)) -> PartView {
    let name = probity_format::events::parts::name(part.kind);
    PartView {
        kind: part.kind,
        name: name.map_or_else(|| part.kind.to_string(), str::to_owned),
        state: part_state(&part.content),
        commitment: stored.commitment.to_string(),
        sealed_hash: stored.sealed_hash.to_string(),
        content: match &part.content {
            PartContent::Opened(content) => Some(content.to_json()),
            PartContent::Sealed | PartContent::Erased => None,
        },
    }
}

fn how_to_check(position: Position) -> HowToCheck {
    let steps = vec![
        Bilingual::new(
            "用 open_salt 与 body_bytes 重算公开部分的承诺值，再与各密封部分的承诺值一起得到 body_commitment（SPEC.md 第 4 节）",
            "recompute the commitment of the open part from open_salt and body_bytes, then body_commitment with those of the sealed parts (SPEC.md, 4)",
        ),
        Bilingual::new(
            "由各项头部、previous、previous_in_stream 和 body_commitment 重算 entry_hash（SPEC.md 第 3 节）",
            "recompute entry_hash from the header, previous, previous_in_stream and body_commitment (SPEC.md, 3)",
        ),
        Bilingual::new(
            "导出日志，用 reader.py 从位置 0 核对到此条目，再与您保存的 /v1/head 比较",
            "export the log, check it with reader.py from position 0 to this entry, and compare with a /v1/head that you kept",
        ),
    ];
    HowToCheck {
        steps,
        command: format!(
            "probity export --data DIR --out OUT && python3 log-format/reader.py OUT | grep '^{position} '"
        ),
    }
}

/// Why a body is withheld.
pub fn withheld() -> Bilingual {
    Bilingual::new(
        "正文不对外公开；头部与哈希仍可核对",
        "the body is not public; header and hashes can be checked all the same",
    )
}

/// One entry. Its body stays away where it is withheld; what `entry` has sealed stays sealed.
pub fn entry(entry: &Entry, frame: &Frame, links: &Links, is_withheld: bool) -> EntryView {
    let header = &entry.header;
    let shown = |value: String| (!is_withheld).then_some(value);
    let actor_kind = ActorKind::from_number(header.actor_kind).map(ActorKind::word);
    let stream_kind = StreamKind::from_number(header.stream_kind).map(StreamKind::word);
    EntryView {
        format: header.format,
        position: header.position,
        stream_kind: stream_kind.unwrap_or_default().to_owned(),
        stream_kind_number: header.stream_kind,
        stream: header.stream,
        revision: header.revision,
        recorded_at: header.recorded_at,
        event_type: header.event_type,
        schema_version: header.version,
        event: entry.event.name().to_owned(),
        event_zh: entry.event.zh().to_owned(),
        actor: ActorView {
            kind: actor_kind.unwrap_or_default().to_owned(),
            id: hex(&header.actor),
        },
        command: header.command,
        unit_index: header.unit_index,
        unit_length: header.unit_length,
        request: header.request,
        caused_by: (!header.caused_by.is_none()).then_some(header.caused_by),
        previous: links.previous.to_string(),
        previous_in_stream: links.previous_in_stream.to_string(),
        body_commitment: frame.body_commitment().to_string(),
        entry_hash: entry.hash.to_string(),
        open_salt: shown(hex(&frame.open.salt)),
        body: (!is_withheld).then(|| entry.event.to_json()),
        body_bytes: shown(hex(&frame.open.body.0)),
        withheld: is_withheld.then(withheld),
        parts: entry
            .parts
            .iter()
            .zip(frame.sealed.iter())
            .map(part)
            .collect(),
        how_to_check: how_to_check(header.position),
    }
}
