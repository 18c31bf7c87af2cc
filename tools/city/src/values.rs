//! Values of a record under construction, by catalogue field name.

use probity_types::{CivilDate, CodeList, Fen, FieldValue, Text};
use std::collections::BTreeMap;

/// Fen in a yuan.
pub(crate) const FEN_IN_YUAN: i64 = 100;

/// Named values; a text too long for its kind of value is cut.
#[derive(Debug, Clone, Default)]
pub(crate) struct Values(pub(crate) BTreeMap<String, FieldValue>);

impl Values {
    fn put(&mut self, name: &str, value: FieldValue) {
        self.0.insert(name.to_owned(), value);
    }

    pub(crate) fn text(&mut self, name: &str, text: impl Into<String>) {
        self.put(name, text_value(&text.into(), 4_000));
    }

    pub(crate) fn date(&mut self, name: &str, date: CivilDate) {
        self.put(name, FieldValue::Date(date));
    }

    pub(crate) fn yuan(&mut self, name: &str, yuan: i64) {
        self.put(name, FieldValue::Fen(Fen(yuan.saturating_mul(FEN_IN_YUAN))));
    }

    pub(crate) fn integer(&mut self, name: &str, number: i64) {
        self.put(name, FieldValue::Integer(number));
    }

    pub(crate) fn boolean(&mut self, name: &str, answer: bool) {
        self.put(name, FieldValue::Boolean(answer));
    }

    /// A number in tenths, as `12.5` or `12`.
    pub(crate) fn tenths(&mut self, name: &str, tenths: i64) {
        let (whole, tenth) = (tenths / 10, tenths % 10);
        let text = if tenth == 0 {
            whole.to_string()
        } else {
            format!("{whole}.{tenth}")
        };
        self.put(
            name,
            FieldValue::Decimal(Text::try_from(text).unwrap_or_default()),
        );
    }

    pub(crate) fn code<C: CodeList>(&mut self, name: &str, code: C) {
        self.key(name, code.key());
    }

    pub(crate) fn key(&mut self, name: &str, key: &str) {
        self.put(
            name,
            FieldValue::Code(Text::try_from(key).unwrap_or_default()),
        );
    }

    /// Several codes of a list, sorted, each once.
    pub(crate) fn codes<C: CodeList>(&mut self, name: &str, codes: &[C]) {
        let mut keys: Vec<&str> = codes.iter().map(|code| code.key()).collect();
        keys.sort_unstable();
        keys.dedup();
        let keys = keys
            .into_iter()
            .map(|key| Text::try_from(key).unwrap_or_default())
            .collect();
        self.put(name, FieldValue::Codes(keys));
    }
}

/// Text of at most `max` characters.
pub(crate) fn text_value(text: &str, max: u32) -> FieldValue {
    let cut: String = text.chars().take(max as usize).collect();
    FieldValue::Text(Text::try_from(cut).unwrap_or_default())
}

/// A date among named values.
pub(crate) fn date_of(fields: &BTreeMap<String, FieldValue>, name: &str) -> Option<CivilDate> {
    match fields.get(name) {
        Some(FieldValue::Date(date)) => Some(*date),
        _ => None,
    }
}

/// An amount among named values.
pub(crate) fn fen_of(fields: &BTreeMap<String, FieldValue>, name: &str) -> Option<Fen> {
    match fields.get(name) {
        Some(FieldValue::Fen(fen)) => Some(*fen),
        _ => None,
    }
}

/// Key of a code among named values.
pub(crate) fn key_of<'a>(fields: &'a BTreeMap<String, FieldValue>, name: &str) -> Option<&'a str> {
    match fields.get(name) {
        Some(FieldValue::Code(key)) => Some(key.as_str()),
        _ => None,
    }
}
