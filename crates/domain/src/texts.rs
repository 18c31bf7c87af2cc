//! What a text may not hold. The number of a person never stands in an open part, whatever field somebody typed it into; and
//! no text holds characters that change how the rest of it reads.

use crate::draft::{Decision, NewEvent};
use crate::refusal::{Fault, Refusal};
use probity_format::events::StreamKind;
use probity_types::identifiers::examine;
use probity_types::{CivilDate, IdentifierKind};
use serde_json::Value;

/// Characters of a citizen number.
const NUMBER_CHARS: usize = 18;

/// Whether a text holds the number of a natural person: 18 characters whose date and check character hold, and which are
/// no credit code.
pub(crate) fn holds_citizen_number(text: &str, today: CivilDate) -> bool {
    let mut runs = text.split(|c: char| !c.is_ascii_digit() && !matches!(c, 'X' | 'x'));
    runs.any(|run| {
        if run.len() != NUMBER_CHARS {
            return false;
        }
        let run = run.to_ascii_uppercase();
        let holds = |kind| examine(kind, &run, today).is_accepted();
        holds(IdentifierKind::CitizenId) && !holds(IdentifierKind::Uscc)
    })
}

/// A character that hides or reorders what stands around it; line breaks and tabs are text.
pub(crate) fn hidden(text: &str) -> Option<char> {
    text.chars().find(|c| {
        let is_control = c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        let reorders = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        is_control || reorders
    })
}

/// The fault of a text with a hidden character.
pub(crate) fn hidden_fault(field: &str, found: char) -> Fault {
    let code = found as u32;
    Fault::new(
        field,
        "text.hidden",
        (
            format!("含有不可见的控制字符 U+{code:04X}"),
            format!("holds the hidden character U+{code:04X}"),
        ),
        ("请删去后重报", "remove it and send it again"),
    )
}

/// Name of the member whose text holds a citizen number.
fn find(value: &Value, name: &str, today: CivilDate) -> Option<String> {
    match value {
        Value::String(text) => holds_citizen_number(text, today).then(|| name.to_owned()),
        Value::Array(items) => items.iter().find_map(|item| find(item, name, today)),
        Value::Object(members) => {
            // A value beyond the typed fields is named by its own member.
            let own = members.get("name").and_then(Value::as_str);
            let is_named = members.contains_key("value");
            members.iter().find_map(|(member, value)| {
                let name = match (is_named && member == "value", own) {
                    (true, Some(own)) => own,
                    _ => member.as_str(),
                };
                find(value, name, today)
            })
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Whether bytes hold a run of digits as long as a number: what does not is not looked at more closely.
fn has_run(bytes: &[u8]) -> bool {
    let mut run = 0;
    bytes.iter().any(|byte| {
        run = if byte.is_ascii_digit() { run + 1 } else { 0 };
        run >= NUMBER_CHARS - 1
    })
}

fn check_event(event: &NewEvent, today: CivilDate) -> Result<(), Refusal> {
    let is_reported = matches!(
        event.stream_kind,
        StreamKind::Subject | StreamKind::Pending | StreamKind::Batch
    );
    let bytes = if is_reported {
        event.event.encode().unwrap_or_default()
    } else {
        Vec::new()
    };
    if !has_run(&bytes) {
        return Ok(());
    }
    match find(&event.event.to_json(), "body", today) {
        None => Ok(()),
        Some(field) => {
            let zh = format!("“{field}”中写有公民身份号码；关于组织的信息不得出现个人证件号码");
            let en = format!(
                "{field} holds the number of a natural person, which never stands in information about organisations"
            );
            let remedy = ("请删去后重报", "remove it and send it again");
            Err(Refusal::Faults(vec![Fault::new(
                field,
                "text.citizen_number",
                (zh, en),
                remedy,
            )]))
        }
    }
}

/// Refuses a decision whose open parts hold the number of a person.
///
/// # Errors
/// [`Refusal::Faults`] naming the field.
pub(crate) fn check(decision: Decision, today: CivilDate) -> Result<Decision, Refusal> {
    match &decision {
        Decision::Append(events) | Decision::Park(events) => {
            for event in events {
                check_event(event, today)?;
            }
        }
        Decision::AlreadyThere(_) => {}
    }
    Ok(decision)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> CivilDate {
        "2026-11-25".parse().expect("a day")
    }

    #[test]
    fn numbers_of_persons_are_seen_within_a_text_and_codes_of_organisations_are_not() {
        for text in [
            "650203198001010014",
            "张三650203198001010014，住",
            "号码：11010519491231002x",
        ] {
            assert!(holds_citizen_number(text, today()), "{text}");
        }
        for text in [
            "916502031000000240",
            "650203198001010015",
            "（2026）新0203执1234567890123456789号",
            "",
        ] {
            assert!(!holds_citizen_number(text, today()), "{text}");
        }
    }

    #[test]
    fn hidden_characters_are_found_and_line_breaks_are_text() {
        assert_eq!(hidden("甲\u{202e}乙"), Some('\u{202e}'));
        assert_eq!(hidden("甲\0乙"), Some('\0'));
        assert_eq!(hidden("第一行\n第二行\t完"), None);
    }
}
