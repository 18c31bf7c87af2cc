//! The checked-in cases about proofs: each holds, or is refused in the field that is written down.

#[path = "../examples/proof_vectors/generate/mod.rs"]
mod generate;

use probity_format::leaf::{Leaf, LeafError};
use probity_proof::fork::ForkEvidence;
use probity_proof::note;
use probity_proof::proof_text::ProofText;
use probity_proof::tree::{TreeHash, check_consistency, check_inclusion, leaf_hash};
use probity_proof::{Bundle, Checkpoint, Note, Policy, ProofError, VerifierKey};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

fn text<'a>(case: &'a Value, field: &str) -> &'a str {
    case[field]
        .as_str()
        .unwrap_or_else(|| panic!("{field} of {}", case["name"]))
}

fn number(case: &Value, field: &str) -> u64 {
    case[field]
        .as_u64()
        .unwrap_or_else(|| panic!("{field} of {}", case["name"]))
}

fn hash(case: &Value, field: &str) -> Result<TreeHash, ProofError> {
    TreeHash::parse(field, text(case, field))
}

fn path(case: &Value) -> Result<Vec<TreeHash>, ProofError> {
    let elements = case["path"].as_array().expect("a list").iter();
    elements
        .map(|element| TreeHash::parse("path", element.as_str().expect("text")))
        .collect()
}

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digits = hexadecimal.as_bytes().chunks(2);
    let byte = |pair: &[u8]| {
        u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("hexadecimal")
    };
    digits.map(byte).collect()
}

fn wrong(field: &str) -> ProofError {
    ProofError {
        field: field.to_owned(),
        expected: String::new(),
        found: String::new(),
    }
}

fn leaf(case: &Value) -> Result<(), ProofError> {
    let entry = bytes(text(case, "entry"));
    let leaf = Leaf::decode(&entry).map_err(|e| match e {
        LeafError::Length { .. } => wrong("leaf"),
        LeafError::Version { .. } => wrong("leaf version"),
    })?;
    assert_eq!(leaf.encode().to_vec(), entry);
    let found = json!({
        "position": leaf.position, "recorded_at": leaf.recorded_at.0, "entry_hash": leaf.entry_hash,
        "hash": leaf_hash(&entry),
    });
    let fields = ["position", "recorded_at", "entry_hash", "hash"];
    let other = fields.into_iter().find(|field| found[field] != case[field]);
    other.map_or(Ok(()), |field| Err(wrong(field)))
}

fn inclusion(case: &Value) -> Result<(), ProofError> {
    let (leaf, root) = (hash(case, "leaf")?, hash(case, "root")?);
    check_inclusion(
        number(case, "index"),
        number(case, "size"),
        leaf,
        &path(case)?,
        root,
    )
}

fn consistency(case: &Value) -> Result<(), ProofError> {
    let (from_root, to_root) = (hash(case, "from_root")?, hash(case, "to_root")?);
    check_consistency(
        number(case, "from"),
        from_root,
        number(case, "to"),
        to_root,
        &path(case)?,
    )
}

fn vkey(case: &Value) -> Result<(), ProofError> {
    let key: VerifierKey = text(case, "vkey").parse()?;
    assert_eq!(key.to_string(), text(case, "vkey"));
    Ok(())
}

fn signed_note(case: &Value) -> Result<(), ProofError> {
    let keys = case["vkeys"].as_array().expect("a list").iter();
    let keys: Vec<VerifierKey> = keys
        .map(|key| key.as_str().expect("text").parse())
        .collect::<Result<_, _>>()?;
    let note = Note::parse(text(case, "note").as_bytes())?;
    assert_eq!(note.to_string(), text(case, "note"));
    let signers = note::open(&note, &keys)?
        .into_iter()
        .map(|one| one.key.to_string());
    assert_eq!(json!(signers.collect::<Vec<_>>()), case["signers"]);
    Ok(())
}

fn cosignature(case: &Value) -> Result<(), ProofError> {
    let note = Note::parse(text(case, "note").as_bytes())?;
    let (log, witness) = (text(case, "log").parse()?, text(case, "witness").parse()?);
    let opened = Checkpoint::open(&note, &log, &[witness])?;
    assert_eq!(opened.checkpoint.to_string(), note.text());
    let times: Vec<Option<u64>> = opened.cosignatures.iter().map(|one| one.time).collect();
    assert_eq!(
        json!(times),
        if times.is_empty() {
            json!([])
        } else {
            json!([case["time"]])
        }
    );
    Ok(())
}

fn policy(case: &Value) -> Result<(), ProofError> {
    let policy = Policy::parse(text(case, "policy"))?;
    assert_eq!(Policy::parse(&policy.to_string()).as_ref(), Ok(&policy));
    let note = Note::parse(text(case, "note").as_bytes())?;
    policy.open(&note, &text(case, "log").parse()?).map(drop)
}

fn proof_text(case: &Value) -> Result<(), ProofError> {
    let proof = ProofText::parse(text(case, "proof").as_bytes())?;
    assert_eq!(proof.to_string(), text(case, "proof"));
    let policy = Policy::parse(text(case, "policy"))?;
    proof
        .verify(
            &bytes(text(case, "entry")),
            &text(case, "log").parse()?,
            &policy,
        )
        .map(drop)
}

fn bundle(case: &Value) -> Result<(), ProofError> {
    let bundle = Bundle::parse(case["bundle"].to_string().as_bytes())?;
    assert_eq!(
        Bundle::parse(bundle.to_json().as_bytes()).as_ref(),
        Ok(&bundle)
    );
    let verified = bundle.verify(
        &text(case, "vkey").parse()?,
        &Policy::parse(text(case, "policy"))?,
    )?;
    assert_eq!(json!(verified.entry_hash), case["entry_hash"]);
    let expected = case["shown"].as_array().expect("a list");
    assert_eq!(verified.shown.len(), expected.len());
    for (part, expected) in verified.shown.iter().zip(expected) {
        assert_eq!(
            json!([part.number, part.kind]),
            json!([expected["number"], expected["kind"]])
        );
        let opened = bundle.parts[usize::from(part.number)]
            .opened
            .as_ref()
            .expect("shown");
        assert_eq!(opened.content, text(expected, "content"));
    }
    Ok(())
}

fn fork(case: &Value) -> Result<(), ProofError> {
    let evidence = ForkEvidence::parse(case["evidence"].to_string().as_bytes())?;
    assert_eq!(
        ForkEvidence::parse(evidence.to_json().as_bytes()).as_ref(),
        Ok(&evidence)
    );
    evidence.verify(&text(case, "vkey").parse()?).map(drop)
}

/// The tree over the log's entries against a checkpoint; `probity-verify` checks the rest of these cases.
fn log(case: &Value) -> Result<(), ProofError> {
    let note = Note::parse(text(case, "checkpoint").as_bytes())?;
    let checkpoint = Checkpoint::open(&note, &text(case, "vkey").parse()?, &[])?.checkpoint;
    let golden = generate::golden();
    if checkpoint.origin != generate::ORIGIN {
        return Err(wrong("origin"));
    }
    if checkpoint.size > golden.tree.size() {
        return Err(wrong("size"));
    }
    let root = probity_proof::tree::root_at(&golden.tree, checkpoint.size).expect("stored");
    if root == checkpoint.root {
        Ok(())
    } else {
        Err(wrong("root"))
    }
}

#[test]
fn generated_cases_are_the_checked_in_ones() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../log-format")
        .join(generate::FILE);
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    let is_same = found == generate::text();
    assert!(
        is_same,
        "{} differs; write it again with: cargo xtask vectors",
        file.display()
    );
}

#[test]
fn every_case_holds_or_is_refused_in_its_field() {
    let mut met: BTreeMap<String, u64> = BTreeMap::new();
    for case in generate::cases() {
        let kind = text(&case, "kind");
        *met.entry(kind.to_owned()).or_default() += 1;
        let found = match kind {
            "leaf" => leaf(&case),
            "inclusion" => inclusion(&case),
            "consistency" => consistency(&case),
            "vkey" => vkey(&case),
            "note" => signed_note(&case),
            "cosignature" => cosignature(&case),
            "policy" => policy(&case),
            "proof_text" => proof_text(&case),
            "bundle" => bundle(&case),
            "fork" => fork(&case),
            "log" => log(&case),
            other => panic!("no check for {other}"),
        };
        let expected = if case["ok"] == json!(true) {
            None
        } else {
            Some(text(&case, "field"))
        };
        let field = found.as_ref().err().map(|e| e.field.as_str());
        assert_eq!(field, expected, "{kind}: {}: {found:?}", case["name"]);
    }
    assert_eq!(met.len(), 11, "{met:?}");
}

#[test]
fn a_list_of_fields_is_no_object_and_null_is_nothing() {
    let cases = generate::cases();
    let case = cases.iter().find(|case| text(case, "kind") == "bundle");
    let mut value = case.expect("a bundle")["bundle"].clone();
    let opened = value["parts"][0]["opened"].clone();
    value["parts"][0]["opened"] = json!([opened["salt"], opened["content"]]);
    let refused = Bundle::parse(value.to_string().as_bytes()).expect_err("a list");
    assert_eq!(refused.field, "bundle");
    value["parts"][0]["opened"] = Value::Null;
    assert!(Bundle::parse(value.to_string().as_bytes()).is_ok());
}
