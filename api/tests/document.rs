//! The checked-in document, the table of routes and the examples say the same as the types.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use probity_api::{
    AcknowledgementRequest, CertificateRequest, CompensationRequest, ConfirmationRequest,
    KeyRequest, LinkRequest, ListingEndRequest, ListingRequest, LookupRequest,
    PractitionerLookupRequest, QuarantineRequest, ROUTES, RecipientRequest, RecordRequest,
    RejectionRequest, RenameRequest, ReviewRequest, SubjectRequest, SubjectSearchRequest,
    SubmissionWithdrawRequest,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn document() -> Value {
    serde_json::from_str(&probity_api::openapi::document().unwrap()).unwrap()
}

fn operations(document: &Value) -> BTreeMap<(String, String), Value> {
    let mut found = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            found.insert((path.clone(), method.to_uppercase()), operation.clone());
        }
    }
    found
}

#[test]
fn the_checked_in_document_is_the_one_of_the_types() {
    let path = folder().join("openapi/v1.json");
    let held = std::fs::read_to_string(&path).unwrap_or_default();
    let same = held == probity_api::openapi::document().unwrap();
    assert!(
        same,
        "{} differs from the types: run `cargo xtask openapi` and check it in",
        path.display()
    );
}

#[test]
fn the_operations_are_those_of_the_table_of_routes() {
    let found: BTreeSet<_> = operations(&document())
        .into_iter()
        .map(|((path, method), operation)| {
            (
                path,
                method,
                operation["operationId"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    let expected: BTreeSet<_> = ROUTES
        .iter()
        .map(|route| {
            (
                route.documented_path(),
                route.method.name().to_owned(),
                route.operation.to_owned(),
            )
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn every_operation_names_its_security_parameters_and_problems() {
    let document = document();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let found = operations(&document);
    for route in ROUTES {
        let operation = &found[&(route.documented_path(), route.method.name().to_owned())];
        let security = operation["security"].as_array().unwrap();
        let scopes: Vec<_> = security
            .iter()
            .filter_map(|one| one["key"][0].as_str())
            .collect();
        assert_eq!(
            scopes,
            route
                .access
                .scopes()
                .iter()
                .map(|s| s.word())
                .collect::<Vec<_>>(),
            "{}",
            route.path
        );
        for problem in route.problems() {
            let response = &operation["responses"][problem.status().to_string()];
            assert!(response.is_object(), "{} {problem}", route.path);
        }
        let path = route.documented_path();
        let in_path: BTreeSet<_> = path
            .split('{')
            .skip(1)
            .map(|p| p.split('}').next().unwrap())
            .collect();
        let empty = Vec::new();
        let parameters = operation["parameters"].as_array().unwrap_or(&empty);
        let named = parameters
            .iter()
            .filter(|p| p["in"] == "path")
            .map(|p| p["name"].as_str().unwrap());
        assert_eq!(named.collect::<BTreeSet<_>>(), in_path, "{}", route.path);
        assert!(
            operation["summary"]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{}",
            route.path
        );
    }
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(target)) = members.get("$ref") {
                found.insert(target.clone());
            }
            members
                .values()
                .for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_no_number_is_a_float() {
    let document = document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 30);
    for target in found {
        let pointer = target.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{target}");
    }
    let text = document.to_string();
    assert!(!text.contains(r#""type":"number""#) && !text.contains(r#""format":"double""#));
}

fn check<T: DeserializeOwned + Serialize>(name: &str) {
    let path = folder().join("examples").join(format!("{name}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    let given: Value = serde_json::from_str(&text).unwrap();
    let request: T = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let written = serde_json::to_value(&request).unwrap();
    for (member, value) in given.as_object().unwrap() {
        assert_eq!(&written[member], value, "{name}: {member}");
    }
    let mut misspelt = given;
    misspelt["no_such_member"] = Value::Bool(true);
    assert!(
        serde_json::from_value::<T>(misspelt).is_err(),
        "{name} takes members that it does not know"
    );
}

#[test]
fn every_example_parses_and_a_misspelt_member_does_not() {
    check::<SubjectRequest>("register_subject");
    check::<RecordRequest>("report_record");
    check::<CompensationRequest>("compensate_record");
    check::<CompensationRequest>("compensate_record.annul");
    check::<ListingRequest>("report_listing");
    check::<ListingEndRequest>("end_listing");
    check::<KeyRequest>("issue_key");
    check::<SubjectSearchRequest>("search_subjects");
    check::<PractitionerLookupRequest>("lookup_practitioner");
    check::<RecipientRequest>("admit_recipient");
    check::<AcknowledgementRequest>("acknowledge_feed");
    check::<ConfirmationRequest>("confirm_code");
    check::<LookupRequest>("lookup_organisations");
    check::<QuarantineRequest>("decide_quarantine");
    check::<LinkRequest>("link_pending");
    check::<RejectionRequest>("reject_candidate");
    check::<CertificateRequest>("record_certificate");
    check::<RenameRequest>("rename_subject");
    check::<ReviewRequest>("review_submission");
    check::<SubmissionWithdrawRequest>("withdraw_submission");
    let files = std::fs::read_dir(folder().join("examples")).unwrap();
    assert_eq!(files.count(), 20, "every example is listed above");
}

#[test]
fn every_request_body_has_an_example() {
    for ((_, _), operation) in operations(&document()) {
        if operation["requestBody"]["content"]["application/json"].is_object() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(
                folder()
                    .join("examples")
                    .join(format!("{name}.json"))
                    .exists(),
                "{name}"
            );
        }
    }
}
