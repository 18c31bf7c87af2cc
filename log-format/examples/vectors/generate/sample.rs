//! Made-up bodies, written straight from the schema in the grammar of SPEC.md, not through the codec: that the codec reads
//! them is already a check of both.

use serde_json::Value;
use std::sync::LazyLock;

/// Which fields are filled, and how far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// An open body about an organisation: every field that may stand there.
    Organisation,
    /// An open body about a person: every field that may stand there.
    Person,
    /// Content of a sealed part: every field.
    Sealed,
    /// Every option none, every list and text empty.
    Sparse,
    /// As `Organisation`, every text and list at its maximum.
    Maximal,
    /// As `Maximal`, for the content of a sealed part.
    SealedMaximal,
}

impl Form {
    /// The word in the vectors.
    pub fn word(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::Person => "person",
            Self::Sealed => "sealed",
            Self::Sparse => "sparse",
            Self::Maximal => "maximal",
            Self::SealedMaximal => "sealed maximal",
        }
    }

    fn is_sealed(self) -> bool {
        matches!(self, Self::Sealed | Self::SealedMaximal)
    }

    fn is_maximal(self) -> bool {
        matches!(self, Self::Maximal | Self::SealedMaximal)
    }

    fn holds(self, mark: &str) -> bool {
        match self {
            Self::Organisation | Self::Maximal => mark != "person",
            Self::Person => mark == "open",
            Self::Sealed | Self::SealedMaximal => true,
            Self::Sparse => false,
        }
    }
}

/// The schema, parsed.
pub struct Schema(Value);

/// The schema of this build.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    Schema(serde_json::from_str(&probity_format::schema::document()).expect("schema is JSON"))
});

impl Schema {
    /// The named types.
    pub fn types(&self) -> &Value {
        &self.0["types"]
    }

    /// Body type of an event type.
    pub fn event(&self, number: u16) -> &str {
        let events = self.0["events"].as_array().expect("events");
        // The newest version stands last.
        let event = events.iter().rfind(|e| e["number"] == number);
        event.expect("known number")["body"].as_str().expect("body")
    }

    /// Body type of an old version of an event type.
    pub fn old_event(&self, number: u16, version: u16) -> &str {
        let events = self.0["events"].as_array().expect("events");
        let is_it = |e: &&Value| e["number"] == number && e["version"] == version;
        let event = events.iter().find(is_it).expect("known version");
        event["body"].as_str().expect("body")
    }

    /// Body type of a part kind.
    pub fn part(&self, kind: u16) -> &str {
        let parts = self.0["parts"].as_array().expect("parts");
        let part = parts
            .iter()
            .find(|p| p["kind"] == kind)
            .expect("known kind");
        part["body"].as_str().expect("body")
    }

    /// A body of the named type in this form.
    pub fn body(&self, name: &str, form: Form) -> Vec<u8> {
        let mut writer = Writer {
            schema: self,
            form,
            count: 0,
            alternative: 0,
            bytes: Vec::new(),
        };
        writer.value(name, name);
        writer.bytes
    }
}

struct Writer<'a> {
    schema: &'a Schema,
    form: Form,
    /// Values written so far: makes each one different.
    count: u64,
    /// Union values written so far: takes the alternatives in turn.
    alternative: u32,
    bytes: Vec<u8>,
}

fn inner<'t>(shape: &'t str, word: &str) -> Option<&'t str> {
    shape
        .strip_prefix(word)?
        .strip_prefix('<')?
        .strip_suffix('>')
}

fn bounded<'t>(shape: &'t str, word: &str) -> Option<(&'t str, u64)> {
    let inside = inner(shape, word)?;
    match inside.rsplit_once(';') {
        Some((element, max)) if max.bytes().all(|b| b.is_ascii_digit()) => {
            Some((element, max.parse().expect("digits")))
        }
        _ => Some((inside, 2)),
    }
}

impl Writer<'_> {
    fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &str) {
        self.put(&(text.len() as u64).to_le_bytes());
        self.put(text.as_bytes());
    }

    fn value(&mut self, shape: &str, field: &str) {
        self.count += 1;
        let n = self.count;
        if let Some(element) = inner(shape, "option") {
            if self.form == Form::Sparse {
                return self.put(&[0]);
            }
            self.put(&[1]);
            return self.value(element, field);
        }
        if let Some((element, max)) = bounded(shape, "list") {
            return self.list(element, max);
        }
        if let Some((element, max)) = bounded(shape, "set") {
            return self.set(element, max);
        }
        if let Some(max) = shape.strip_prefix("text:") {
            let text = self.sample_text(max.parse().expect("digits"), field);
            return self.text(&text);
        }
        match shape {
            "bool" => self.put(&[1]),
            "u8" => self.put(&[n as u8]),
            "u16" => self.put(&(n as u16).to_le_bytes()),
            "u32" => self.put(&(n as u32).to_le_bytes()),
            "u64" | "position" | "revision" => self.put(&n.to_le_bytes()),
            "i64" => self.put(&(-(n as i64)).to_le_bytes()),
            "fen" => self.put(&(n as i64 * 12_345).to_le_bytes()),
            "date" => self.put(&(19_700 + n as i32).to_le_bytes()),
            "timestamp" => self.put(&(1_767_225_600_000_000 + n as i64).to_le_bytes()),
            "id" => self.put(&[n as u8; 16]),
            "hash" => self.put(&[n as u8; 32]),
            name => self.named(name),
        }
    }

    fn sample_text(&self, max: usize, field: &str) -> String {
        match (self.form, field) {
            (Form::Sparse, _) => String::new(),
            (Form::Maximal | Form::SealedMaximal, _) if max <= 200 => "文".repeat(max),
            (Form::Maximal | Form::SealedMaximal, _) => "a".repeat(max),
            (_, "quantity" | "score" | "decimal") => "12.50".to_owned(),
            _ => format!("样例{}", self.count).chars().take(max).collect(),
        }
    }

    fn named(&mut self, name: &str) {
        let types = self.schema.types();
        let shape = &types[name];
        if let Some(fields) = shape["struct"].as_array() {
            return fields.iter().for_each(|field| self.field(name, field));
        }
        if let Some(alternatives) = shape["union"].as_array() {
            let tag = self.alternative % alternatives.len() as u32;
            self.alternative += 1;
            self.put(&tag.to_le_bytes());
            let alternative = &alternatives[tag as usize];
            let word = alternative[0].as_str().expect("word");
            return self.value(alternative[1].as_str().expect("shape"), word);
        }
        assert!(
            shape["codes"].is_object(),
            "{name} is neither struct, union nor codes"
        );
        let number: u16 = match (name, self.form) {
            ("SubjectKind", Form::Person) => 6,
            ("IdentifierKind", form) if form.is_sealed() => 9,
            _ => 1,
        };
        self.put(&number.to_le_bytes());
    }

    fn field(&mut self, owner: &str, field: &Value) {
        let name = field["name"].as_str().expect("name");
        let shape = field["type"].as_str().expect("type");
        let mark = field["mark"].as_str().expect("mark");
        if (owner, name) == ("PartyName", "person") {
            let is_person = u8::from(self.form.is_sealed());
            return self.put(&[is_person]);
        }
        if mark == "open" || self.form.holds(mark) {
            return self.value(shape, name);
        }
        let is_absent_in_one_byte = shape.starts_with("option<");
        let is_absent_in_eight = ["text:", "list<", "set<"]
            .iter()
            .any(|s| shape.starts_with(s));
        if is_absent_in_one_byte {
            self.put(&[0]);
        } else if is_absent_in_eight {
            self.put(&0u64.to_le_bytes());
        } else {
            self.value(shape, name);
        }
    }

    fn length(&self, wanted: u64, max: u64) -> u64 {
        match self.form {
            Form::Sparse => 0,
            form if form.is_maximal() => max,
            _ => wanted.min(max),
        }
    }

    fn list(&mut self, element: &str, max: u64) {
        let wanted = if element == "NamedValue" { 8 } else { 2 };
        let length = self.length(wanted, max);
        self.put(&length.to_le_bytes());
        for _ in 0..length {
            self.value(element, "");
        }
    }

    fn set(&mut self, element: &str, max: u64) {
        let length = self.length(2, max);
        self.put(&length.to_le_bytes());
        for place in 1..=length {
            match element {
                "id" => self.put(&u128::from(place).to_be_bytes()),
                "position" => self.put(&place.to_le_bytes()),
                _ if element.starts_with("text:") => self.text(&format!("scope-{place:04}")),
                code => {
                    let codes = self.schema.types()[code]["codes"]
                        .as_object()
                        .map(|c| c.len() as u64);
                    assert!(
                        codes.is_some_and(|codes| place <= codes),
                        "{code} has fewer codes"
                    );
                    self.put(&(place as u16).to_le_bytes());
                }
            }
        }
    }
}
