//! The scripts of the page that checks files. They are written by hand, without a library; only their words and the schema
//! of the log are put together here, from the catalogue and the log format.

use crate::message::{Lang, t};
use crate::words::{code_name_of, event_name, field_name, part_name};
use probity_types::every_list;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Name of the script that is put together here.
const WORDS: &str = "words.js";

macro_rules! scripts {
    ($($name:literal),+ $(,)?) => {
        /// Names of the scripts, as the page and its modules ask for them.
        pub const SCRIPT_NAMES: &[&str] = &[WORDS, $($name),+];

        /// A script by its name.
        pub fn script(name: &str) -> Option<&'static str> {
            match name {
                WORDS => Some(&*WORDS_TEXT),
                $($name => Some(include_str!(concat!("../assets/verify/", $name))),)+
                _ => None,
            }
        }
    };
}

scripts! {
    "answer.js",
    "blake3.js",
    "body.js",
    "bundle.js",
    "bytes.js",
    "fork.js",
    "json.js",
    "keys.js",
    "memory.js",
    "merkle.js",
    "note.js",
    "page.js",
    "points.js",
    "policy.js",
    "shape.js",
    "show.js",
}

/// Messages that the scripts say.
const MESSAGES: &[&str] = &[
    "asof.position",
    "entry.checkpoint",
    "entry.entry_hash",
    "entry.recorded_at",
    "entry.root",
    "entry.witnesses",
    "proof.choose_first",
    "proof.clock",
    "proof.closed",
    "proof.consistency_hint",
    "proof.continues",
    "proof.continues_text",
    "proof.covers",
    "proof.event",
    "proof.evidence_hint",
    "proof.expected",
    "proof.fails",
    "proof.fails_hint",
    "proof.field",
    "proof.fork",
    "proof.fork_text",
    "proof.found",
    "proof.get_consistency",
    "proof.holds",
    "proof.holds_text",
    "proof.limits",
    "proof.no_cosignature",
    "proof.no_pair",
    "proof.no_policy",
    "proof.not_examined",
    "proof.not_examined_text",
    "proof.not_key",
    "proof.not_later",
    "proof.not_true",
    "proof.of_file",
    "proof.open_part",
    "proof.part",
    "proof.parts",
    "proof.raw",
    "proof.save_evidence",
    "proof.seen_first",
    "proof.seen_newer",
    "proof.seen_older",
    "proof.seen_same",
    "proof.seen_unkept",
    "proof.signed_by",
    "proof.unknown_body",
    "proof.unknown_event",
    "proof.unreadable",
    "proof.why_checkpoint",
    "proof.why_content",
    "proof.why_cosignatures",
    "proof.why_file",
    "proof.why_header",
    "proof.why_key",
    "proof.why_no_fork",
    "proof.why_other",
    "proof.why_other_log",
    "proof.why_parts",
    "proof.why_place",
    "proof.why_policy",
    "proof.why_root",
    "proof.why_signature",
    "proof.why_unsigned",
    "proof.why_version",
    "proof.witness",
    "value.no",
    "value.yes",
];

static WORDS_TEXT: LazyLock<String> = LazyLock::new(|| {
    let schema: Value = serde_json::from_str(&probity_format::schema::document())
        .expect("the schema is written by this program, and a test reads it");
    let words = words(&schema);
    format!(
        "export const SCHEMA = {};\nexport const WORDS = {words};\n",
        bare(schema)
    )
});

/// The schema with each field as name, type and Chinese name: the marks, which say where a value may be written and not
/// how it is read, are left out.
fn bare(mut schema: Value) -> Value {
    let types = schema["types"].as_object_mut().into_iter().flatten();
    for fields in types.filter_map(|(_, shape)| shape.get_mut("struct")?.as_array_mut()) {
        for field in fields {
            *field = json!([field["name"], field["type"], field["zh"]]);
        }
    }
    schema
}

fn both(name: impl Fn(Lang) -> String) -> Value {
    json!(Lang::ALL.map(name))
}

/// Messages and names in both languages: of events, of kinds of parts, of fields in English (their Chinese names stand in
/// the schema), of codes.
fn words(schema: &Value) -> Value {
    let messages = MESSAGES
        .iter()
        .map(|key| ((*key).to_owned(), both(|lang| t(lang, key).to_owned())));
    let rows = |of: &str| schema[of].as_array().cloned().unwrap_or_default();
    let events = rows("events").into_iter().filter_map(|event| {
        let name = event["name"].as_str()?.to_owned();
        let shown = both(|lang| event_name(lang, &name).to_owned());
        Some((name, shown))
    });
    let parts = rows("parts").into_iter().filter_map(|part| {
        let kind = u16::try_from(part["kind"].as_u64()?).ok()?;
        Some((
            kind.to_string(),
            both(|lang| part_name(lang, kind).to_owned()),
        ))
    });
    let types = schema["types"].as_object().into_iter().flatten();
    let fields = types
        .clone()
        .filter_map(|(_, shape)| shape["struct"].as_array())
        .flatten();
    let names: BTreeSet<&str> = fields.filter_map(|field| field["name"].as_str()).collect();
    let fields = names
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), json!(field_name(Lang::En, name)?))));
    let used: BTreeSet<&String> = types.map(|(name, _)| name).collect();
    let codes = every_list()
        .into_iter()
        .filter(|(list, _)| used.contains(&(*list).to_owned()));
    let codes = codes.map(|(list, codes)| {
        let codes = codes
            .into_iter()
            .map(|code| (code.key.to_owned(), both(|lang| code_name_of(lang, code))));
        (list.to_owned(), Value::Object(codes.collect()))
    });
    json!({
        "messages": messages.collect::<Map<_, _>>(), "events": events.collect::<Map<_, _>>(),
        "parts": parts.collect::<Map<_, _>>(), "fields": fields.collect::<Map<_, _>>(),
        "codes": codes.collect::<Map<_, _>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every message that a script names, as its own literal.
    fn said() -> BTreeSet<String> {
        let sections: BTreeSet<&str> = MESSAGES
            .iter()
            .filter_map(|key| key.split('.').next())
            .collect();
        let written = SCRIPT_NAMES.iter().filter(|name| **name != WORDS);
        let literals = written
            .filter_map(|name| script(name))
            .flat_map(|text| text.split('"').skip(1).step_by(2));
        let is_key = |text: &&str| {
            let (section, name) = text.split_once('.').unwrap_or_default();
            sections.contains(section)
                && !name.is_empty()
                && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        };
        literals.filter(is_key).map(str::to_owned).collect()
    }

    #[test]
    fn the_scripts_say_the_messages_that_they_are_given_and_no_other() {
        let given: BTreeSet<String> = MESSAGES.iter().map(|key| (*key).to_owned()).collect();
        assert_eq!(said(), given);
    }

    #[test]
    fn no_script_holds_words_or_a_way_out() {
        for name in SCRIPT_NAMES.iter().filter(|name| **name != WORDS) {
            let text = script(name).expect("it is there");
            assert!(
                !text.chars().any(|c| ('\u{3400}'..='\u{9fff}').contains(&c)),
                "{name}: words"
            );
            let ways = [
                "fetch(",
                "XMLHttpRequest",
                "WebSocket",
                "sendBeacon",
                "EventSource",
                "innerHTML",
                "eval(",
            ];
            let found: Vec<_> = ways.iter().filter(|way| text.contains(**way)).collect();
            assert!(found.is_empty(), "{name}: {found:?}");
        }
    }

    #[test]
    fn the_words_name_every_event_field_and_code_in_both_languages() {
        let text = script(WORDS).expect("it is there");
        for shown in [
            "\"PenaltyRecorded\":[\"",
            "\"decided_on\":\"",
            "[\"decided_on\",\"date\",\"决定日期\"]",
            "\"enterprise\":[\"",
        ] {
            assert!(text.contains(shown), "{shown}");
        }
        assert!(
            !text.contains(":null") && !text.contains("[null"),
            "nothing is missing"
        );
    }
}
