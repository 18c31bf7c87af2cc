//! The catalogue in use: every class has a form that comes back in, and a new version of the catalogue is all that a new
//! class takes.

mod fill;

use fill::{DAY, FilledForm, fill, subject};
use probity_tests::{Folder, Reply, Server, last_json, run, succeed};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Fields that stand in places of their own, not among the values of a record.
const PLACED: [&str; 8] = [
    "decision_date",
    "recognised_on",
    "region_code",
    "authority",
    "authority_code",
    "source_unit",
    "source_unit_code",
    "remedy_state",
];

const SHIPPED: &str = include_str!("../../../crates/rules/packs/catalogue.toml");

fn codes(server: &Server) -> Vec<String> {
    let answer = server.get("/v1/catalogue");
    let categories = answer.expect(200)["categories"].as_array().expect("seven");
    let classes = categories
        .iter()
        .flat_map(|category| category["subcategories"].as_array().expect("classes"));
    classes
        .map(|class| {
            class["subcategory"]["key"]
                .as_str()
                .expect("a code")
                .to_owned()
        })
        .collect()
}

fn send(server: &Server, key: &str, name: &str, query: &str, file: &[u8]) -> Reply {
    let bearer = format!("Bearer {key}");
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Idempotency-Key", name),
    ];
    server.send("POST", &format!("/v1/imports{query}"), &headers, file)
}

fn form(server: &Server, code: &str) -> FilledForm {
    let answer = server.get(&format!("/v1/catalogue/{code}/template.xlsx"));
    assert_eq!(answer.status, 200, "{code}: {}", answer.text);
    fill(&answer.bytes)
}

/// Id of the record of each class about a subject of a kind.
fn records_of(server: &Server, key: &str, kind: &str) -> BTreeMap<String, String> {
    let (_, document, number) = subject(kind);
    let document = match document {
        "公民身份号码" => "citizen_id",
        _ => "uscc",
    };
    let wanted = json!({"identifier": {"kind": document, "value": number}}).to_string();
    let bearer = format!("Bearer {key}");
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
        ("Probity-Purpose", "licence"),
        ("Probity-Basis", "test"),
    ];
    let found = server.send("POST", "/v1/subjects/search", &headers, wanted.as_bytes());
    let id = found.expect(200)["items"][0]["id"]
        .as_str()
        .expect("found")
        .to_owned();
    let page = server.get_for(key, &format!("/v1/subjects/{id}/records?limit=200"));
    let items = page.expect(200)["items"]
        .as_array()
        .expect("a list")
        .clone();
    let pair = |item: &Value| {
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        (text(&item["subcategory"]["key"]), text(&item["id"]))
    };
    items.iter().map(pair).collect()
}

/// Every value of the row, as the record shows it.
fn check_record(code: &str, record: &Value, form: &FilledForm) {
    for cell in &form.cells {
        let field = cell.field.as_str();
        if cell.value.is_empty() || field.starts_with("subject_") || PLACED.contains(&field) {
            continue;
        }
        let shown = record["fields"][field]["text"].as_str();
        // Another party may be a person, whose name a record about somebody else does not tell.
        if cell.words.starts_with("名称") && shown.is_none_or(str::is_empty) {
            continue;
        }
        assert_eq!(
            shown,
            Some(cell.shown.as_str()),
            "{code} {field} ({}): {}",
            cell.words,
            record["fields"]
        );
    }
    assert_eq!(record["decided_on"], DAY, "{code}");
    assert_eq!(record["region"], "650203", "{code}");
    assert_eq!(record["authority"], "测试authority", "{code}");
    assert_eq!(record["source_unit"], "测试source_unit", "{code}");
    let placed = |field: &str| form.cells.iter().find(|cell| cell.field == field);
    let role = placed("role").map(|cell| cell.shown.as_str());
    if let Some(role) = role {
        assert_eq!(
            record["fields"]["role"]["text"].as_str(),
            Some(role),
            "{code}"
        );
        assert_eq!(
            record["role"], record["fields"]["role"]["value"],
            "{code}: the row says in which role the subject stands"
        );
    }
}

#[test]
fn the_form_of_every_class_is_filled_in_sent_and_shown() {
    let folder = Folder::begin();
    let key = folder.key(&["records:write", "persons:read"]);
    let server = folder.serve();
    let codes = codes(&server);
    assert_eq!(codes.len(), 133);
    let mut sent: BTreeMap<String, Vec<(String, FilledForm)>> = BTreeMap::new();
    for code in &codes {
        let form = form(&server, code);
        let rehearsed = send(
            &server,
            &key,
            &format!("{code}?"),
            "?rehearse=true",
            &form.bytes,
        );
        let said = rehearsed.expect(200);
        assert_eq!(said["errors"], json!([]), "{code}");
        // The machine names no real bureau as the authority, and one day for everything: it is told so, and no more.
        const TOLD: [&str; 2] = ["authority.not_expected", "publication.reported_end"];
        let warnings = said["warnings"].as_array().expect("a list").iter();
        let rules: Vec<&str> = warnings.filter_map(|w| w["rule"].as_str()).collect();
        assert!(
            rules.iter().all(|rule| TOLD.contains(rule)),
            "{code}: {rules:?}"
        );
        let imported = send(&server, &key, code, "", &form.bytes);
        let said = imported.expect(200);
        assert_eq!(said["summary"]["imported"], 1, "{code}: {said}");
        let profile = said["profile"].as_str().expect("a profile");
        assert_eq!(profile, format!("form-{} 1", code.to_lowercase()));
        let kind = form.cells[0].value.clone();
        sent.entry(kind).or_default().push((code.clone(), form));
    }
    for (kind, forms) in sent {
        let records = records_of(&server, &key, &kind);
        for (code, form) in forms {
            let id = records
                .get(&code)
                .unwrap_or_else(|| panic!("{kind} has no {code}"));
            let record = server.get_for(&key, &format!("/v1/records/{id}"));
            check_record(&code, record.expect(200), &form);
        }
    }
    drop(server);
    folder.check_log();
}

#[test]
fn a_form_of_each_category_goes_the_way_of_a_clerk() {
    let folder = Folder::begin();
    let data = folder.data();
    for code in [
        "XK003", "CF006", "QZ001", "CJ001", "PJ009", "QF007", "RY003",
    ] {
        let (empty, filled) = (folder.beside("form.xlsx"), folder.beside("filled.xlsx"));
        succeed(&[
            "catalogue",
            "template",
            code,
            "--out",
            &empty,
            "--data",
            &data,
        ]);
        let form = fill(&std::fs::read(&empty).expect("written"));
        std::fs::write(&filled, &form.bytes).expect("writes");
        let import = ["import", &filled, "--data", &data, "--json"];
        let rehearsed = run(&[&import[..], &["--rehearse"]].concat());
        let said = String::from_utf8_lossy(&rehearsed.stdout).into_owned();
        assert_eq!(last_json(&said)["imported"], 1, "{code}: {said}");
        assert_eq!(last_json(&succeed(&import))["imported"], 1, "{code}");
        assert_eq!(last_json(&succeed(&import))["already_there"], 1, "{code}");
    }
    let unknown = run(&[
        "catalogue",
        "template",
        "CF999",
        "--out",
        "/dev/null",
        "--data",
        &data,
    ]);
    assert_eq!(unknown.status.code(), Some(1));
    folder.check_log();
}

/// Version 2 with one class more, and one that a new one replaces.
fn second_version() -> String {
    let own = r#"
[[entry]]
code = "RY015"
name_zh = "测试新增荣誉"
name_en = "new honour for a test"
category = "RY"
subjects = ["enterprise"]
polarity = "positive"
publicity = "public"
sensitivity = "normal"
severity_rule = "positive_level"
sources = ["CRO"]
legal_basis = "测试依据"
basis_status = "law named, article to be confirmed"
required = ["award_name", "award_level", "document_no", "awarding_body", "decision_date"]
optional = ["content"]
extra = [{ name = "medal", name_zh = "奖章编号", type = "text:16" }]
"#;
    let replaced = "code = \"RY003\"\nvalid_to = \"2025-12-31\"\nreplaced_by = \"RY015\"";
    let text = SHIPPED
        .replacen("version = \"1\"", "version = \"2\"", 1)
        .replacen("entries = 133", "entries = 134", 1)
        .replacen(
            "polarity = \"positive\"\nentries = 14",
            "polarity = \"positive\"\nentries = 15",
            1,
        )
        .replacen("code = \"RY003\"", replaced, 1);
    text + own
}

/// Writes the text of a pack beside a folder and adopts it.
fn adopt(folder: &Folder, text: &str) -> (Option<i32>, String) {
    let file = folder.beside("catalogue.toml");
    std::fs::write(&file, text).expect("writes");
    let data = folder.data();
    let command = [
        "catalogue",
        "adopt",
        &file,
        "--officer",
        "测试人员",
        "--data",
        &data,
    ];
    let done = run(&command);
    let said = [done.stdout, done.stderr].concat();
    (
        done.status.code(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

#[test]
fn a_faulty_version_is_refused_with_every_fault_and_no_version_changes_its_text() {
    let folder = Folder::begin();
    let (sources, basis) = ("sources = [\"CRO\"]", "legal_basis = \"测试依据\"");
    let wrong = second_version().replace(
        &format!("{sources}\n{basis}"),
        &format!("sources = [\"XXX\"]\n{basis}"),
    );
    let (code, said) = adopt(&folder, &wrong);
    assert_eq!(code, Some(1), "{said}");
    let fault = "entry RY015, field sources: \"XXX\"; right would be a bureau of this pack";
    assert!(said.contains(fault), "{said}");

    let (code, said) = adopt(&folder, &second_version());
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("catalogue karamay-catalogue 2"), "{said}");
    let (code, said) = adopt(&folder, &second_version());
    assert_eq!(code, Some(0), "the same text changes nothing: {said}");
    let renamed = second_version().replace("测试新增荣誉", "改名");
    let (code, said) = adopt(&folder, &renamed);
    assert_eq!(code, Some(1), "{said}");
    let fault = "with another text; a change needs a new version";
    assert!(said.contains(fault), "{said}");
    folder.check_log();
}

#[test]
fn a_new_class_is_a_new_version_of_the_catalogue_and_no_code() {
    let folder = Folder::begin();
    let (data, old_form) = (folder.data(), folder.beside("old.xlsx"));
    succeed(&[
        "catalogue",
        "template",
        "RY003",
        "--out",
        &old_form,
        "--data",
        &data,
    ]);
    let (code, said) = adopt(&folder, &second_version());
    assert_eq!(code, Some(0), "{said}");
    let key = folder.key(&["records:write", "persons:read"]);
    let server = folder.serve();
    let new = form(&server, "RY015");
    let last = new.cells.last().map(|cell| cell.field.as_str());
    assert_eq!(last, Some("medal"));
    let imported = send(&server, &key, "new", "", &new.bytes);
    let said = imported.expect(200);
    assert_eq!(said["summary"]["imported"], 1, "{said}");
    let records = records_of(&server, &key, "企业法人");
    let record = server.get_for(&key, &format!("/v1/records/{}", records["RY015"]));
    check_record("RY015", record.expect(200), &new);
    assert_eq!(record.json["subcategory"]["zh"], "测试新增荣誉");

    // The class that was replaced is refused for a decision after its last day, and names what to use.
    let old = fill(&std::fs::read(&old_form).expect("there"));
    let refused = send(&server, &key, "old", "", &old.bytes);
    let said = refused.expect(200);
    assert_eq!(said["ending"], "refused", "{said}");
    let error = &said["errors"][0];
    assert_eq!(error["rule"], "catalogue.entry", "{said}");
    let text = |name: &str| error[name].as_str().unwrap_or_default();
    assert!(text("detail").contains("report it as RY015"), "{said}");
    assert!(text("detail_zh").contains("请改用 RY015"), "{said}");
}

/// The source register that ships is a pack like others; one that names what the catalogue does not have is refused.
#[test]
fn the_source_register_is_adopted_against_the_catalogue() {
    let folder = Folder::begin();
    let register = include_str!("../../../crates/rules/packs/source-register.toml");
    let wrong = register.replacen("subcategory = \"CF006\"", "subcategory = \"CF999\"", 1);
    let (code, said) = adopt(&folder, &wrong);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("\"CF999\"; right would be a class of the adopted catalogue"),
        "{said}"
    );
    let (code, said) = adopt(&folder, register);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("source-register karamay-source-register 1"),
        "{said}"
    );
    folder.check_log();
}

#[test]
fn the_catalogue_is_read_whole_by_class_and_as_a_dictionary() {
    let folder = Folder::begin();
    let dictionary = succeed(&["catalogue", "dictionary", "--data", &folder.data()]);
    let markdown = ["catalogue", "dictionary", "--format", "markdown", "--data"];
    let markdown = succeed(&[&markdown[..], &[&folder.data()]].concat());
    let server = folder.serve();
    let whole = server.get("/v1/catalogue");
    let view = whole.expect(200);
    assert_eq!(view["status"], "proposed, editable list");
    let count = |name: &str| view[name].as_array().map(Vec::len);
    assert_eq!(count("bureaus"), Some(38));
    assert_eq!(count("industries"), Some(18));
    assert_eq!(count("key_person_groups"), Some(13));
    let tag = whole.header("etag").to_owned();
    let again = server.send("GET", "/v1/catalogue", &[("If-None-Match", &tag)], &[]);
    assert_eq!((again.status, again.bytes.len()), (304, 0));

    let class = server.get("/v1/catalogue/CF006");
    let class = class.expect(200);
    assert_eq!(class["subcategory"]["sources"][0]["key"], "MSA");
    assert_eq!(
        class["subcategory"]["form"],
        "/v1/catalogue/CF006/template.xlsx"
    );
    let columns = class["columns"].as_array().expect("columns");
    let fine = columns
        .iter()
        .find(|column| column["name"] == "fine")
        .expect("a fine");
    assert_eq!(fine["header"], "罚款金额（万元）");
    assert_eq!(fine["need"], "conditional");
    assert_eq!(fine["condition"]["zh"], "处罚类别含罚款");
    assert!(
        class["periods"]
            .as_array()
            .is_some_and(|periods| !periods.is_empty())
    );
    server.get("/v1/catalogue/CF999").problem(404, "not-found");

    let served = server.get("/v1/catalogue/dictionary");
    assert_eq!(served.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(served.text, dictionary);
    assert!(dictionary.starts_with('\u{feff}'));
    let classes: BTreeSet<&str> = dictionary
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').nth(2))
        .collect();
    assert_eq!(classes.len(), 133);
    assert_eq!(markdown.matches("\n### ").count(), 133);

    let one = server.get("/v1/catalogue/XK001/template.xlsx");
    let two = server.get("/v1/catalogue/XK001/template.xlsx");
    assert_eq!(one.bytes, two.bytes, "the same form, byte for byte");
}
