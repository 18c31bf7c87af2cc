//! Keys, notes, cosignatures, policies.

use super::world::{ORIGIN, TIME, Tree, checkpoint, cosigner, log_key, signed, vkey, witness};
use super::{Cases, replaced, with};
use probity_proof::key::KeyKind;
use probity_proof::tree::{EMPTY_ROOT, root_at};
use probity_proof::{Checkpoint, Note, SigningKey};
use serde_json::{Value, json};

/// A key and a note by the authors of the format, from the documentation of Go's `sumdb/note`.
const KNOWN_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const KNOWN_NOTE: &str = "If you think cryptography is the answer to your problem,\n\
    then you don't know what your problem is.\n\n\
    — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

/// Adds the cases.
pub fn add(cases: &mut Cases) {
    add_keys(cases);
    add_notes(cases);
    add_cosignatures(cases);
    add_policies(cases);
}

fn add_keys(cases: &mut Cases) {
    let (note, cosignature) = (
        vkey(&log_key()).to_string(),
        cosigner(&witness(1)).to_string(),
    );
    let good = |key: &str| json!({ "vkey": key });
    cases.good("key of a note", "vkey", &good(&note));
    cases.good("key of a cosignature", "vkey", &good(&cosignature));
    cases.good("key of another log", "vkey", &good(KNOWN_KEY));
    let zeros = |bytes: usize| "A".repeat(bytes.div_ceil(3) * 4);
    for (name, field, key) in [
        ("key without a plus", "vkey", "example.com".to_owned()),
        (
            "key with bytes that are no base64",
            "vkey",
            "example.com+00000000+!".to_owned(),
        ),
        (
            "key with another id",
            "key id",
            KNOWN_KEY.replace("c74f20a3", "c74f20a4"),
        ),
        (
            "key with an id in capitals",
            "key id",
            KNOWN_KEY.replace("c74f20a3", "C74F20A3"),
        ),
        (
            "key under another name",
            "key id",
            KNOWN_KEY.replace("Peter", "Paul"),
        ),
        ("key without a name", "name", note.replace(ORIGIN, "")),
        (
            "key with a space in its name",
            "name",
            note.replace(ORIGIN, "a b"),
        ),
        (
            "key with a space of another script in its name",
            "name",
            note.replace(ORIGIN, "a\u{3000}b"),
        ),
        (
            "key of an unknown type",
            "key type",
            KNOWN_KEY.replace("+ARpc", "+Ahpc"),
        ),
        (
            "key that is too short",
            "public key",
            "example.com+00000000+AQAA".to_owned(),
        ),
        // Type 1, then 32 zero bytes: a point of order 4, under which some signature verifies for many texts.
        (
            "key of small order",
            "public key",
            format!("example.com+00000000+AQAA{}", zeros(30)),
        ),
        // y = 2 is on no point of the curve.
        (
            "key that is no point",
            "public key",
            format!("example.com+00000000+AQIA{}", zeros(30)),
        ),
    ] {
        cases.wrong(name, "vkey", field, &good(&key));
    }
}

fn add_notes(cases: &mut Cases) {
    let known = json!({ "vkeys": [KNOWN_KEY], "note": KNOWN_NOTE, "signers": [KNOWN_KEY] });
    cases.good("a note by the authors of the format", "note", &known);
    let keys: Vec<SigningKey> = (1..4).map(witness).collect();
    let text = "first line\n\nthird line\n";
    let signed_by = |numbers: &[usize]| {
        let lines = numbers
            .iter()
            .map(|number| keys[*number].sign(text))
            .collect();
        Note::new(text.to_owned(), lines)
            .expect("signed")
            .to_string()
    };
    let vkeys: Vec<String> = keys.iter().map(|key| vkey(key).to_string()).collect();
    let both = json!({ "vkeys": vkeys[..2], "note": signed_by(&[0, 1]), "signers": vkeys[..2] });
    cases.good("a text with an empty line, two signatures", "note", &both);
    let unknown =
        json!({ "vkeys": vkeys[1..2], "note": signed_by(&[0, 1, 2]), "signers": vkeys[1..2] });
    cases.good("lines by unknown keys are passed over", "note", &unknown);
    let double = json!({ "vkeys": vkeys, "note": signed_by(&[0, 0]), "signers": vkeys[..1] });
    cases.good("a key that signed twice counts once", "note", &double);

    let mut wrong =
        |name: &str, field: &str, inputs: Value| cases.wrong(name, "note", field, &inputs);
    wrong(
        "another text",
        "signatures[0]",
        replaced(&both, "/note", "first", "First"),
    );
    wrong(
        "one failing signature among two",
        "signatures[1]",
        with(&both, "/note", {
            let other = keys[1].sign("other\n");
            json!(signed_by(&[0]) + &other.to_string() + "\n")
        }),
    );
    wrong(
        "nobody known signed",
        "signatures",
        with(&both, "/vkeys", json!([vkeys[2]])),
    );
    wrong(
        "no key at all",
        "signatures",
        with(&both, "/vkeys", json!([])),
    );
    wrong(
        "no signature line",
        "note",
        with(&both, "/note", json!("text\n")),
    );
    wrong(
        "nothing after the empty line",
        "note",
        with(&both, "/note", json!("text\n\n")),
    );
    wrong("the last line is not ended", "note", {
        let note = super::text_at(&both, "/note");
        with(&both, "/note", json!(note[..note.len() - 1]))
    });
    wrong(
        "a control character",
        "text",
        replaced(&both, "/note", "first", "fi\trst"),
    );
    wrong(
        "a carriage return",
        "text",
        replaced(&both, "/note", "line\n", "line\r\n"),
    );
    wrong(
        "a hyphen for the dash",
        "signatures[0].signature",
        replaced(&both, "/note", "— ", "- "),
    );
    wrong(
        "two spaces",
        "signatures[0].signature",
        replaced(&both, "/note", ".example ", ".example  "),
    );
    wrong(
        "a plus sign in a name",
        "signatures[0].name",
        replaced(&both, "/note", "witness1", "wit+ness1"),
    );
    let line = keys[0].sign(text).to_string();
    let (head, last) = line.split_at(line.len() - 2);
    assert!(last.ends_with('='), "68 bytes end in padding: {line}");
    // They leave two bits of the last digit unused: only zeros are right there.
    let digit = last.chars().next().expect("a digit");
    let other = char::from_u32(digit as u32 + 1).expect("ASCII");
    let loose = signed_by(&[0]).replace(&line, &format!("{head}{other}{}", &last[1..]));
    wrong(
        "bits behind the last byte",
        "signatures[0].signature",
        with(&both, "/note", json!(loose)),
    );
    wrong(
        "no padding",
        "signatures[0].signature",
        replaced(&both, "/note", "=\n", "\n"),
    );
    wrong(
        "a signature without bytes",
        "signatures[0].signature",
        with(&both, "/note", json!("t\n\n— a AAAAAA==\n")),
    );
}

fn add_cosignatures(cases: &mut Cases) {
    let tree = Tree::counting(21);
    let root = root_at(&tree, 21).expect("stored");
    let note = signed(&checkpoint(21, root), &[1]);
    let log = vkey(&log_key());
    let good = json!({ "log": log, "witness": cosigner(&witness(1)), "note": note.to_string(), "time": TIME });
    cases.good("a checkpoint and its witness", "cosignature", &good);
    let empty = with(
        &good,
        "/note",
        json!(signed(&checkpoint(0, EMPTY_ROOT), &[1]).to_string()),
    );
    cases.good("a checkpoint of an empty log", "cosignature", &empty);
    let extended = Checkpoint {
        extensions: vec!["a line more".to_owned()],
        ..checkpoint(21, root)
    };
    cases.good(
        "a checkpoint with an extension line",
        "cosignature",
        &with(&good, "/note", json!(signed(&extended, &[1]).to_string())),
    );

    let mut wrong =
        |name: &str, field: &str, inputs: Value| cases.wrong(name, "cosignature", field, &inputs);
    let mut line = note.signatures()[1].clone();
    let with_line = |line: &probity_proof::note::NoteSignature| {
        let lines = vec![note.signatures()[0].clone(), line.clone()];
        let note = Note::new(note.text().to_owned(), lines).expect("two lines");
        with(&good, "/note", json!(note.to_string()))
    };
    line.blob[7] += 1;
    wrong(
        "another time than was signed",
        "signatures[1]",
        with_line(&line),
    );
    line.blob.pop();
    wrong("a cosignature cut short", "signatures[1]", with_line(&line));
    let mut late = note.signatures()[1].clone();
    late.blob[0] = 0x80;
    wrong("a time past all times", "signatures[1]", with_line(&late));
    wrong("a witness's line alone", "signatures", {
        let note = Note::new(note.text().to_owned(), vec![note.signatures()[1].clone()])
            .expect("one line");
        with(&good, "/note", json!(note.to_string()))
    });
    // Whatever the text, the log signed it: only its form is wrong.
    let by_log = |text: String| {
        let line = log_key().sign(&text);
        with(
            &good,
            "/note",
            json!(Note::new(text, vec![line]).expect("signed").to_string()),
        )
    };
    wrong(
        "another log's checkpoint",
        "origin",
        by_log(format!("other.example\n21\n{root}\n")),
    );
    wrong("no origin", "origin", by_log(format!("\n21\n{root}\n")));
    wrong(
        "a size with a leading zero",
        "size",
        by_log(format!("{ORIGIN}\n021\n{root}\n")),
    );
    wrong(
        "a size with a sign",
        "size",
        by_log(format!("{ORIGIN}\n+21\n{root}\n")),
    );
    wrong(
        "a root of 31 bytes",
        "root",
        by_log(format!("{ORIGIN}\n21\n{}AA==\n", "A".repeat(40))),
    );
    wrong(
        "an empty log with a root",
        "root",
        by_log(format!("{ORIGIN}\n0\n{root}\n")),
    );
    wrong("two lines", "checkpoint", by_log(format!("{ORIGIN}\n21\n")));
    wrong(
        "an empty extension line",
        "extensions",
        by_log(format!("{ORIGIN}\n21\n{root}\n\nmore\n")),
    );
}

fn add_policies(cases: &mut Cases) {
    let tree = Tree::counting(21);
    let head = checkpoint(21, root_at(&tree, 21).expect("stored"));
    let (log, keys) = (
        vkey(&log_key()),
        [1, 2, 3].map(|number| cosigner(&witness(number))),
    );
    let witnesses = format!(
        "witness w1 {}\nwitness w2 {}\nwitness w3 {}\n",
        keys[0], keys[1], keys[2]
    );
    let case = |policy: &str, seen: &[u8]| json!({ "policy": policy, "log": log, "note": signed(&head, seen).to_string() });
    let two_of_three = format!("{witnesses}group q 2 w1 w2 w3\nquorum q\n");
    cases.good("two of three", "policy", &case(&two_of_three, &[3, 1]));
    cases.good("no quorum", "policy", &case("quorum none\n", &[]));
    let commented = format!(
        "# a comment\n\n \tlog {log} https://log.example\n{witnesses}\tgroup  q\tany w1 w2 w3\nquorum q"
    );
    cases.good(
        "comments, spaces, addresses, the last line not ended",
        "policy",
        &case(&commented, &[2]),
    );
    let nested = format!("{witnesses}group a any w1 w2\ngroup b all a w3\nquorum b\n");
    cases.good("a group in a group", "policy", &case(&nested, &[2, 3]));
    cases.good(
        "one witness as the quorum",
        "policy",
        &case(&format!("{witnesses}quorum w2\n"), &[2]),
    );

    let mut wrong =
        |name: &str, field: &str, inputs: Value| cases.wrong(name, "policy", field, &inputs);
    wrong("one of two", "cosignatures", case(&two_of_three, &[1]));
    wrong("the same witness twice", "cosignatures", {
        let mut note = signed(&head, &[1]);
        let again = witness(1)
            .cosign(note.text(), TIME + 60)
            .expect("an early time");
        note.add(again).expect("room");
        with(&case(&two_of_three, &[]), "/note", json!(note.to_string()))
    });
    wrong(
        "a group in a group that is not met",
        "cosignatures",
        case(&nested, &[1, 2]),
    );
    wrong(
        "another witness than the quorum",
        "cosignatures",
        case(&format!("{witnesses}quorum w2\n"), &[1, 3]),
    );
    wrong("a log that is not listed", "log", {
        let other = vkey(&SigningKey::from_seed("other.example", &[9; 32]).expect("a name"));
        case(&format!("log {other}\nquorum none\n"), &[])
    });
    let again = SigningKey::from_seed("renamed.example", &[0x11; 32])
        .expect("a name")
        .verifier(KeyKind::Cosignature);
    let lines = |tail: &str| case(&format!("{witnesses}{tail}"), &[1, 2]);
    wrong(
        "one key under two names",
        "line 4.public key",
        lines(&format!("witness w4 {again}\nquorum none\n")),
    );
    wrong(
        "one name for two things",
        "line 4.name",
        lines("group w1 any w2\nquorum none\n"),
    );
    wrong(
        "a group of that name",
        "line 4.name",
        lines("group none any w1\nquorum none\n"),
    );
    wrong(
        "a member that is not there",
        "line 4.member",
        lines("group q any w1 w9\nquorum q\n"),
    );
    wrong(
        "a member twice",
        "line 4.member",
        lines("group q 2 w1 w1\nquorum q\n"),
    );
    wrong(
        "a member of two groups",
        "line 5.member",
        lines("group a any w1\ngroup b any w1\nquorum none\n"),
    );
    wrong(
        "a group of itself",
        "line 4.member",
        lines("group q any q\nquorum q\n"),
    );
    wrong(
        "a threshold of nothing",
        "line 4.threshold",
        lines("group q 0 w1\nquorum q\n"),
    );
    wrong(
        "a threshold past the members",
        "line 4.threshold",
        lines("group q 3 w1 w2\nquorum q\n"),
    );
    wrong(
        "a threshold that is no number",
        "line 4.threshold",
        lines("group q 2.0 w1 w2\nquorum q\n"),
    );
    wrong(
        "a quorum that is not there",
        "line 4.member",
        lines("quorum q\n"),
    );
    wrong("no quorum line", "quorum", lines(""));
    wrong(
        "two quorum lines",
        "line 5.quorum",
        lines("quorum none\nquorum none\n"),
    );
    wrong(
        "an unknown word",
        "line 4.policy",
        lines("threshold 2\nquorum none\n"),
    );
    wrong(
        "a control character in it",
        "line 4.text",
        lines("quorum none\r\n"),
    );
    wrong(
        "a witness with the key of a log",
        "line 4.key type",
        lines(&format!("witness w4 {log}\nquorum none\n")),
    );
}
