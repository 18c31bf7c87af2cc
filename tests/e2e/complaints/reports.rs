//! What these tests report, and how they ask.

use probity_tests::{Folder, Reply, Server};
use serde_json::{Value, json};

pub const OFFICE: &str = "克拉玛依市市场监督管理局";
/// Persons who share a name and a birth date. Made up.
pub const FIRST: &str = "650203198001010014";
pub const SECOND: &str = "650203198001010022";
/// Another birth date.
pub const THIRD: &str = "65020319850505001X";

/// A folder with a server, and a key that may do everything here.
pub struct Town {
    pub folder: Folder,
    pub server: Server,
    pub key: String,
    /// A key that may report records and nothing else.
    pub narrow: String,
}

impl Town {
    pub fn begin() -> Self {
        let folder = Folder::begin();
        let key = folder.key(&[
            "subjects:write",
            "records:write",
            "lists:write",
            "persons:read",
            "audit:read",
            "erasure:decide",
        ]);
        let narrow = folder.key(&["records:write"]);
        let server = folder.serve();
        Self {
            folder,
            server,
            key,
            narrow,
        }
    }

    /// Posts under an idempotency key of its own.
    pub fn post(&self, path: &str, body: &Value) -> Reply {
        static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let next = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.server.post(&self.key, &format!("c{next}"), path, body)
    }

    /// Registers a subject; its id.
    pub fn register(&self, subject: &Value) -> String {
        let reply = self.post("/v1/subjects", subject);
        assert!(reply.status == 201 || reply.status == 200, "{}", reply.text);
        member(&reply, "subject")
    }

    pub fn report(&self, record: &Value) -> Reply {
        self.post("/v1/records", record)
    }

    /// Asks in a body, with purpose and basis.
    pub fn search_for(&self, body: &Value) -> Reply {
        let bearer = format!("Bearer {}", self.key);
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", "application/json"),
            ("Probity-Purpose", "licence"),
            ("Probity-Basis", "行政许可审查"),
        ];
        self.server.send(
            "POST",
            "/v1/subjects/search",
            &headers,
            body.to_string().as_bytes(),
        )
    }

    /// Events of a subject's history.
    pub fn history(&self, subject: &str) -> Vec<String> {
        let reply = self
            .server
            .get_for(&self.key, &format!("/v1/subjects/{subject}/timeline"));
        let items = reply.expect(200)["items"].as_array().expect("items");
        let event = |item: &Value| item["event"].as_str().unwrap_or_default().to_owned();
        items.iter().map(event).collect()
    }

    /// Organisations that a question in the address finds.
    pub fn find(&self, question: &str) -> Vec<Value> {
        let asked: String = question
            .bytes()
            .map(|byte| format!("%{byte:02X}"))
            .collect();
        let reply = self.server.get(&format!("/v1/subjects?q={asked}"));
        reply.expect(200)["items"]
            .as_array()
            .expect("items")
            .clone()
    }

    /// Ends the server and checks the whole log.
    pub fn close(self) {
        drop(self.server);
        self.folder.check_log();
    }
}

pub fn member(reply: &Reply, name: &str) -> String {
    let value = reply.json[name].as_str();
    value
        .unwrap_or_else(|| panic!("no {name}: {}", reply.text))
        .to_owned()
}

/// Codes of the warnings of a receipt.
pub fn warnings(reply: &Reply) -> Vec<String> {
    rules(&reply.json["warnings"])
}

/// Codes of a list of faults or warnings, each of which has both languages.
pub fn rules(list: &Value) -> Vec<String> {
    let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let rule = |item: &Value| {
        for member in ["rule", "detail", "detail_zh"] {
            assert!(
                item[member].as_str().is_some_and(|text| !text.is_empty()),
                "{item}"
            );
        }
        item["rule"].as_str().unwrap_or_default().to_owned()
    };
    items.iter().map(rule).collect()
}

pub fn subject(kind: &str, name: &str, identifier: Option<(&str, &str)>) -> Value {
    let identifiers: Vec<Value> = identifier
        .iter()
        .map(|(kind, value)| json!({"kind": kind, "value": value}))
        .collect();
    json!({"kind": kind, "name": name, "identifiers": identifiers})
}

pub fn person(name: &str, number: &str) -> Value {
    subject("natural_person", name, Some(("citizen_id", number)))
}

pub fn firm(name: &str, code: &str) -> Value {
    subject("enterprise", name, Some(("uscc", code)))
}

/// A penalty with suspension of a licence.
pub fn penalty(subject: &Value, number: &str) -> Value {
    json!({
        "subject": subject, "role": "party", "subcategory": "CF006", "authority": OFFICE, "source_unit": OFFICE,
        "fields": {
            "document_no": number, "violation_type": "销售不合格食品", "facts": "经抽检不合格",
            "grounds": "食品安全法第一百二十四条", "penalty_kinds": ["P2-03", "P2-06"], "content": "罚款并暂扣许可证",
            "procedure": "ordinary", "decision_date": "2026-09-01", "penalty_valid_to": "2027-09-01",
            "publication_end_reported": "2027-09-01", "fine": {"yuan": "60000.00"},
            "licence_affected": "食品经营许可证 JY16502000000001", "conduct_date": "2026-08-20",
        },
    })
}

/// A judgment with name and court, as a court reports it.
pub fn judgment(subject: &Value, number: &str) -> Value {
    json!({
        "subject": subject, "role": "defendant", "subcategory": "PJ001", "authority": "克拉玛依市中级人民法院",
        "source_unit": "克拉玛依市中级人民法院",
        "fields": {
            "case_no": number, "court": "克拉玛依市中级人民法院", "cause": "借款合同纠纷", "document_kind": "judgment",
            "role": "defendant", "role_from": "2026-01-10", "decision_date": "2026-05-20", "effective_on": "2026-06-10",
            "amount": {"yuan": "5988085.63"},
        },
    })
}

/// A city's honour.
pub fn honour(subject: &Value, number: &str) -> Value {
    json!({
        "subject": subject, "role": "party", "subcategory": "RY003", "authority": "市委宣传部、市文明办", "source_unit": "市委宣传部",
        "fields": {
            "award_name": "见义勇为", "award_level": "city", "document_no": number, "awarding_body": "市委宣传部、市文明办",
            "decision_date": "2026-09-01", "consent": true,
        },
    })
}
