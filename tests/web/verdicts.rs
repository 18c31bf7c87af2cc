//! The page's verifier beside the others: the same files, the same verdicts, the same fields.

use crate::driver::Browser;
use crate::server::{Server, root};
use crate::verify::{field_by_rust, modules, open};
use probity_proof::VerifierKey;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn vectors() -> String {
    let file = root().join("log-format/vectors/proofs.json");
    std::fs::read_to_string(file).expect("the cases")
}

#[test]
fn every_case_about_proofs_has_the_verdict_of_the_other_verifiers() {
    let server = Server::start(false);
    let browser = Browser::start(true);
    open(&browser, &server, "/verify");
    // Neither a tlog-proof nor a whole log is dropped on this page.
    let others = json!(["proof_text", "log"]);
    let answer = browser.run_async(
        include_str!("cases.js"),
        &[modules(&browser), json!(vectors()), others],
    );
    assert_eq!(answer["faults"], json!([]), "{answer}");
    let cases: Vec<Value> = serde_json::from_str(&vectors()).expect("JSON");
    let expected = cases
        .iter()
        .filter(|case| case["kind"] != "proof_text" && case["kind"] != "log");
    let met = answer["met"].as_object().expect("kinds").values();
    let met: u64 = met.map(|count| count.as_u64().expect("a count")).sum();
    assert_eq!(met, expected.count() as u64, "{answer}");
    assert_eq!(answer["met"].as_object().expect("kinds").len(), 9);
}

/// What the page says that a body holds is what the golden files say.
#[test]
fn the_page_reads_every_body_as_the_golden_files_have_it() {
    let server = Server::start(false);
    let browser = Browser::start(true);
    open(&browser, &server, "/verify");
    for (file, least) in [("events", 60), ("parts", 30)] {
        let path = root().join(format!("log-format/vectors/{file}.json"));
        let cases = std::fs::read_to_string(path).expect("the cases");
        let answer = browser.run_async(
            include_str!("bodies.js"),
            &[modules(&browser), json!(cases)],
        );
        assert_eq!(answer["faults"], json!([]), "{file}");
        assert!(answer["met"].as_u64() >= Some(least), "{file}: {answer}");
    }
}

#[test]
fn blake3_of_the_page_is_blake3() {
    let server = Server::start(false);
    let browser = Browser::start(true);
    open(&browser, &server, "/verify");
    // Around the ends of blocks, chunks and subtrees.
    let lengths = [
        0, 1, 63, 64, 65, 127, 128, 1023, 1024, 1025, 2047, 2048, 2049, 3072, 3073, 4096, 5120,
        8193, 31744, 102_400,
    ];
    let found = browser.run_async(
        "const [base, lengths, done] = arguments; \
         Promise.all(['blake3', 'bytes'].map(name => import(`${base}/${name}.js`))).then(([b, t]) => done(lengths.map( \
           length => t.toHex(b.deriveKey('probity test v1', Uint8Array.from({ length }, (_, i) => i % 251))))), \
           e => done([String(e)]))",
        &[modules(&browser), json!(lengths)],
    );
    let expected = lengths.map(|length: u32| {
        let bytes: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
        let hash = blake3::derive_key("probity test v1", &bytes);
        blake3::Hash::from_bytes(hash).to_hex().to_string()
    });
    assert_eq!(found, json!(expected));
}

/// Files changed anywhere: both verifiers say the same about each of them.
#[test]
fn whatever_is_changed_in_a_file_both_verifiers_name_the_same_field() {
    const FILES: usize = 400;
    let server = Server::start(false);
    let browser = Browser::start(true);
    let cases: Vec<Value> = serde_json::from_str(&vectors()).expect("JSON");
    let case = cases
        .iter()
        .find(|case| case["kind"] == "bundle")
        .expect("a bundle");
    let key: VerifierKey = case["vkey"]
        .as_str()
        .expect("a key")
        .parse()
        .expect("a key");
    let text = case["bundle"].to_string();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut draw = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let inserted = [
        "0",
        "1",
        "a",
        "=",
        "\"",
        ",",
        "}",
        " ",
        "\\u0041",
        "\\ud800",
        "null",
        "-0",
        "1e2",
        "18446744073709551616",
        "+",
        "\n",
    ];
    let mut files: Vec<String> = Vec::new();
    while files.len() < FILES {
        let at = draw(text.len());
        if !text.is_char_boundary(at) || !text.is_char_boundary(at + 1) {
            continue;
        }
        let (before, after) = text.split_at(at);
        files.push(match draw(3) {
            0 => format!("{before}{}", &after[1..]),
            1 => format!("{before}{}{after}", inserted[draw(inserted.len())]),
            _ => format!("{before}{}{}", inserted[draw(8)], &after[1..]),
        });
    }
    let with = |old: &str, new: &str| {
        assert!(text.contains(old), "{old}");
        text.replacen(old, new, 1)
    };
    let index = format!("\"index\":{}", case["bundle"]["index"]);
    // A list of the fields in their order is no object.
    let opened = &case["bundle"]["parts"][0]["opened"];
    let in_order = json!([opened["salt"], opened["content"]]);
    files.extend([
        with("{", "{\"version\":1,"),
        with("\"version\":1", "\"version\":1.0"),
        with("\"version\":1", "\"version\":256"),
        with(&index, "\"index\":18446744073709551615"),
        with(&index, "\"index\":18446744073709551616"),
        with(&index, "\"index\":-1"),
        with("\"opened\":{", "\"opened\":[{"),
        with("\"opened\":{", "\"opened\":null,\"open\":{"),
        format!("\u{feff}{text}"),
        format!("{text}{text}"),
        "[".repeat(100_000),
        String::new(),
        with(&opened.to_string(), &in_order.to_string()),
    ]);
    open(&browser, &server, "/verify");
    let found = browser.run_async(
        "const [base, files, vkey, done] = arguments; \
         (async () => { \
           const names = ['json', 'keys', 'policy', 'bundle'].map(name => import(`${base}/${name}.js`)); \
           const m = Object.assign({}, ...await Promise.all(names)), fields = []; \
           const [log, policy] = [await m.parseKey(vkey), await m.parsePolicy(m.NO_POLICY)]; \
           for (const file of files) { \
             try { await m.verifyBundle(m.parseBundle(m.parseJson(file)), log, policy); fields.push(null); } \
             catch (e) { fields.push(e instanceof SyntaxError ? 'bundle' : e.field ?? String(e)); } \
           } \
           return fields; \
         })().then(done, e => done(String(e)))",
        &[modules(&browser), json!(files), json!(key.to_string())],
    );
    let found = found.as_array().unwrap_or_else(|| panic!("{found}"));
    let mut fields = BTreeSet::new();
    for (file, found) in files.iter().zip(found) {
        let expected = field_by_rust(file, &key);
        assert_eq!(*found, json!(expected), "{file}");
        fields.insert(expected);
    }
    assert!(
        fields.len() >= 8,
        "the changes reach many checks: {fields:?}"
    );
}
