//! Messages to and from a witness, policies built in code, and the limits of notes.

use probity_proof::key::{KeyKind, SigningKey};
use probity_proof::note::{self, NOTE_BYTES_MAX, SIGNATURES_MAX};
use probity_proof::policy::PolicyWitness;
use probity_proof::tree::{EMPTY_ROOT, Frontier, TreeHash, leaf_hash};
use probity_proof::witness::{AddCheckpoint, Answer, interpret};
use probity_proof::{Checkpoint, Note, Policy, VerifierKey};
use proptest::prelude::*;

const ORIGIN: &str = "log.example";

fn key(name: &str, seed: u8) -> SigningKey {
    SigningKey::from_seed(name, &[seed; 32]).expect("a name")
}

fn root(size: u64) -> TreeHash {
    let mut edge = Frontier::default();
    (0..size).for_each(|number| edge.push(leaf_hash(&number.to_be_bytes())));
    edge.root()
}

fn checkpoint(size: u64) -> Checkpoint {
    Checkpoint {
        origin: ORIGIN.to_owned(),
        size,
        root: root(size),
        extensions: Vec::new(),
    }
}

fn request(old: u64, size: u64, proof: Vec<TreeHash>) -> AddCheckpoint {
    AddCheckpoint {
        old,
        proof,
        checkpoint: checkpoint(size).sign(&key(ORIGIN, 1)).expect("its own"),
    }
}

#[test]
fn a_request_is_written_as_the_protocol_says() {
    let request = request(1, 2, vec![leaf_hash(b"a")]);
    let expected = format!("old 1\n{}\n\n{}", leaf_hash(b"a"), request.checkpoint);
    assert_eq!(request.to_string(), expected);
    assert_eq!(AddCheckpoint::parse(expected.as_bytes()), Ok(request));
    for (from, to) in [
        ("old 1", "old 01"),
        ("old 1", "1"),
        ("\n\n", "\n"),
        ("old 1\n", "old 1\nAAAA\n"),
    ] {
        let body = expected.replacen(from, to, 1);
        assert!(AddCheckpoint::parse(body.as_bytes()).is_err(), "{body}");
    }
    let long = request_of_proof(64).to_string();
    assert_eq!(
        AddCheckpoint::parse(long.as_bytes())
            .expect_err("too long")
            .field,
        "proof"
    );
    assert!(AddCheckpoint::parse(request_of_proof(63).to_string().as_bytes()).is_ok());
}

fn request_of_proof(hashes: usize) -> AddCheckpoint {
    request(1, 2, vec![EMPTY_ROOT; hashes])
}

#[test]
fn a_witness_takes_what_continues_what_it_saw() {
    let (one, two) = (checkpoint(1), checkpoint(2));
    let second = leaf_hash(&1u64.to_be_bytes());
    let grows =
        |request: &AddCheckpoint, seen| request.check_growth(seen, &two).map_err(|e| e.field);
    assert_eq!(grows(&request(1, 2, vec![second]), Some(&one)), Ok(()));
    assert_eq!(grows(&request(0, 2, vec![]), None), Ok(()));
    let nothing = checkpoint(0);
    assert_eq!(grows(&request(0, 2, vec![]), Some(&nothing)), Ok(()));
    assert_eq!(
        grows(&request(0, 2, vec![second]), None),
        Err("path".to_owned())
    );
    assert_eq!(
        grows(&request(0, 2, vec![]), Some(&one)),
        Err("old".to_owned())
    );
    assert_eq!(
        grows(&request(1, 2, vec![EMPTY_ROOT]), Some(&one)),
        Err("to_root".to_owned())
    );
}

#[test]
fn every_answer_has_its_meaning() {
    let witness = key("witness.example", 2);
    let keys = [witness.verifier(KeyKind::Cosignature)];
    let first = request(3, 5, Vec::new());
    let again = request(5, 5, Vec::new());
    let said = |request, status, body: &str| interpret(request, &keys, status, body.as_bytes());
    let unexpected = |answer| matches!(answer, Answer::Unexpected { .. });

    let line = witness
        .cosign(first.checkpoint.text(), 7)
        .expect("an early time");
    let other = key("other.example", 3)
        .cosign(first.checkpoint.text(), 7)
        .expect("an early time");
    let both = format!("{other}\n{line}\n");
    assert_eq!(
        said(&first, 200, &both),
        Answer::Cosigned(vec![line.clone()])
    );
    assert!(
        unexpected(said(&first, 200, &format!("{other}\n"))),
        "nobody known"
    );
    assert!(
        unexpected(said(&first, 200, &line.to_string())),
        "the line is not ended"
    );
    assert!(unexpected(said(&again, 200, "")));
    let elsewhere = request(3, 6, Vec::new());
    assert!(
        unexpected(said(&elsewhere, 200, &both)),
        "signed another checkpoint"
    );

    assert_eq!(said(&first, 409, "4\n"), Answer::Conflict { size: 4 });
    assert_eq!(said(&first, 409, "0\n"), Answer::Conflict { size: 0 });
    assert_eq!(said(&first, 409, "5\n"), Answer::Conflict { size: 5 });
    assert_eq!(said(&first, 409, "6\n"), Answer::Ahead { size: 6 });
    assert!(
        unexpected(said(&first, 409, "3\n")),
        "it was asked about that size"
    );
    assert!(unexpected(said(&first, 409, "04\n")));
    assert_eq!(said(&again, 409, "5\n"), Answer::Fork);
    assert_eq!(said(&again, 409, "conflict\n"), Answer::Fork);
    assert_eq!(said(&again, 422, ""), Answer::Fork);
    assert_eq!(said(&first, 422, ""), Answer::Fork);
    assert_eq!(said(&first, 400, ""), Answer::Malformed);
    assert_eq!(said(&first, 403, ""), Answer::Untrusted);
    assert_eq!(said(&first, 404, ""), Answer::UnknownLog);
    assert!(unexpected(said(&first, 503, "busy")));
}

#[test]
fn a_key_signs_under_its_own_name_only() {
    let error = checkpoint(3)
        .sign(&key("other.example", 1))
        .expect_err("another name");
    assert_eq!(error.field, "origin");
    assert!(SigningKey::from_seed("two words", &[1; 32]).is_err());
    let secret = format!("{:?}", key(ORIGIN, 0x41));
    assert_eq!(secret, format!("SigningKey({ORIGIN})"));
    assert!(key(ORIGIN, 1).cosign("text\n", 1 << 63).is_err());
}

#[test]
fn a_note_is_bounded() {
    let signer = key(ORIGIN, 1);
    let mut note = checkpoint(3).sign(&signer).expect("its own");
    let line = note.signatures()[0].clone();
    note.add(line.clone()).expect("there already");
    assert_eq!(note.signatures().len(), 1);
    for time in 1..SIGNATURES_MAX as u64 {
        let line = signer.cosign(note.text(), time).expect("an early time");
        note.add(line).expect("room");
    }
    let full = note.to_string();
    assert_eq!(Note::parse(full.as_bytes()).as_ref(), Ok(&note));
    let late = signer.cosign(note.text(), 1_000).expect("an early time");
    assert_eq!(
        note.add(late.clone()).expect_err("full").field,
        "signatures"
    );
    let over = format!("{full}{late}\n");
    assert_eq!(
        Note::parse(over.as_bytes()).expect_err("too many").field,
        "signatures"
    );
    assert_eq!(
        Note::parse(&vec![b'a'; NOTE_BYTES_MAX + 1])
            .expect_err("too long")
            .field,
        "note"
    );
    assert_eq!(
        Note::parse(b"\xff\n\n\xe2\x80\x94 a AAAAAAA=\n")
            .expect_err("no text")
            .field,
        "note"
    );
    let mut long = line;
    long.blob = vec![0; 7_000];
    let long = format!("text\n\n{long}\n");
    assert_eq!(
        Note::parse(long.as_bytes()).expect_err("too long").field,
        "signatures[0].signature"
    );
}

fn witnesses(keys: &[SigningKey]) -> Vec<PolicyWitness> {
    let row = |key: &SigningKey| PolicyWitness {
        name: key.name().to_owned(),
        key: key.verifier(KeyKind::Cosignature),
        url: Some("https://witness.example".to_owned()),
    };
    keys.iter().map(row).collect()
}

#[test]
fn a_policy_built_in_code_is_the_one_of_its_text() {
    let keys = [key("w1", 2), key("w2", 3), key("w3", 4)];
    let policy = Policy::of(2, witnesses(&keys)).expect("three keys");
    assert_eq!(Policy::parse(&policy.to_string()).as_ref(), Ok(&policy));
    assert_eq!(policy.witness_keys().len(), 3);
    assert_eq!(Policy::parse("quorum none\n"), Ok(Policy::none()));
    assert_eq!(
        Policy::of(4, witnesses(&keys)).expect_err("too many").field,
        "threshold"
    );
    assert_eq!(
        Policy::of(0, witnesses(&keys)).expect_err("none").field,
        "threshold"
    );
    let renamed = [key("w1", 2), key("w2", 2)];
    assert_eq!(
        Policy::of(1, witnesses(&renamed))
            .expect_err("one key")
            .field,
        "public key"
    );
}

#[test]
fn two_known_keys_of_one_name_and_id_are_refused() {
    let signer = key(ORIGIN, 1);
    let note = checkpoint(1).sign(&signer).expect("its own");
    let known = signer.verifier(KeyKind::Note);
    let twice = [known.clone(), known.clone()];
    assert_eq!(
        note::open(&note, &twice).map(|all| all.len()),
        Ok(1),
        "the same key twice is one key"
    );
    let other: VerifierKey = key(ORIGIN, 9).verifier(KeyKind::Note);
    assert_ne!(known.id(), other.id());
    assert_eq!(
        note::open(&note, &[known, other]).map(|all| all.len()),
        Ok(1)
    );
}

proptest! {
    #[test]
    fn what_parses_is_written_back_the_same(text in "[ -~\n]{0,60}", lines in proptest::collection::vec("(— )?[a-z+]{0,4} ?[A-Za-z0-9+/=]{0,12}", 0..3)) {
        let all = format!("{text}\n\n{}\n", lines.join("\n"));
        if let Ok(note) = Note::parse(all.as_bytes()) {
            prop_assert_eq!(note.to_string(), all);
        }
        if let Ok(checkpoint) = Checkpoint::parse(&text) {
            prop_assert_eq!(checkpoint.to_string(), text);
        }
    }

    #[test]
    fn no_bytes_make_a_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "\\PC{0,80}") {
        let _ = Note::parse(&bytes);
        let _ = AddCheckpoint::parse(&bytes);
        let _ = probity_proof::proof_text::ProofText::parse(&bytes);
        let _ = probity_proof::Bundle::parse(&bytes);
        let _ = probity_proof::tile::parse_entries(&bytes);
        let _ = Policy::parse(&text);
        let _ = Checkpoint::parse(&text);
        let _ = text.parse::<VerifierKey>();
    }
}
