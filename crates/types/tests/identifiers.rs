//! The check of every identifier kind against the verified values, the public complaints and random values.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot read its own values must stop"
)]

use probity_types::identifiers::{CharacterSet, findings};
use probity_types::*;
use proptest::prelude::*;

fn today() -> CivilDate {
    CivilDate::new(2026, 11, 25).unwrap()
}

fn kind(name: &str) -> IdentifierKind {
    // The data file names kinds by their check, the code list by what the sender declares.
    match name {
        "credit_code" => IdentifierKind::Uscc,
        "registration_number" => IdentifierKind::RegistrationNo,
        other => other.parse().unwrap(),
    }
}

fn keys(kind: IdentifierKind, value: &str) -> Vec<&'static str> {
    examine(kind, value, today()).keys()
}

#[test]
fn every_verified_value_has_exactly_the_findings_of_the_file() {
    let file: toml::Table = include_str!("fixtures/identifiers.toml").parse().unwrap();
    let vectors = file["vector"].as_array().unwrap();
    assert_eq!(vectors.len(), 85);
    let mut hyphens = 0;
    for vector in vectors {
        let value = vector["value"].as_str().unwrap();
        let found = findings(kind(vector["kind"].as_str().unwrap()), value, today());
        // The file counts a misplaced hyphen as no finding and asks for the warning in its note.
        hyphens += found
            .iter()
            .filter(|f| **f == Finding::HyphenMisplaced)
            .count();
        let found: Vec<_> = found
            .iter()
            .map(Finding::key)
            .filter(|key| *key != "hyphen-misplaced")
            .collect();
        let expected: Vec<_> = vector["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f.as_str().unwrap())
            .collect();
        assert_eq!(found, expected, "{value}");
    }
    assert_eq!(hyphens, 1);
}

#[test]
fn lower_case_full_width_and_outer_spaces_are_normalised_first() {
    assert_eq!(
        normalise("\u{3000}９1440300192203821g \n"),
        "91440300192203821G"
    );
    assert_eq!(
        keys(IdentifierKind::CitizenId, " 65020319851231452x"),
        [""; 0]
    );
    assert_eq!(keys(IdentifierKind::Uscc, "９1４４03001922038216"), [""; 0]);
    assert_eq!(
        keys(IdentifierKind::Uscc, "91440300 192203821"),
        ["alphabet"]
    );
}

/// P08
#[test]
fn a_real_code_that_fails_only_the_outer_check_is_told_apart_and_can_be_confirmed() {
    for (code, expected) in [("91350203M0001QKT19", 'F'), ("91350203M0001FUE2P", 'J')] {
        let outcome = Identifier::check(IdentifierKind::Uscc, code, today()).unwrap_err();
        assert_eq!(outcome.findings, [Finding::Check { expected }]);
        assert!(outcome.only_outer_check());
        assert_eq!(
            Identifier::confirmed(IdentifierKind::Uscc, code, today())
                .unwrap()
                .value(),
            code
        );
    }
    let outcome = examine(IdentifierKind::Uscc, "111111111111111111", today());
    assert!(!outcome.only_outer_check());
    assert!(Identifier::confirmed(IdentifierKind::Uscc, "111111111111111111", today()).is_err());
}

/// P09
#[test]
fn a_citizen_number_in_a_credit_code_column_is_asked_about_and_never_printed() {
    let value = "650203198106150312";
    let outcome = Identifier::check(IdentifierKind::Uscc, value, today()).unwrap_err();
    assert_eq!(outcome.keys(), ["department"]);
    assert!(outcome.looks_like_citizen_number());
    let shown = format!(
        "{outcome} {outcome:?} {} {}",
        outcome.zh().join(""),
        mask(IdentifierKind::Uscc, value)
    );
    assert!(
        !shown.contains(value) && !shown.contains("19810615"),
        "{shown}"
    );
    assert!(shown.contains("is it a person's?"));
    assert!(
        !examine(IdentifierKind::Uscc, "914403001922038216", today()).looks_like_citizen_number()
    );
}

/// P10
#[test]
fn a_check_value_of_thirty_one_is_written_as_zero() {
    assert_eq!(
        CreditCode::with_check("91650203100000024")
            .unwrap()
            .as_str(),
        "916502031000000240"
    );
}

/// P11
#[test]
fn letters_that_do_not_exist_are_refused_with_place_and_suggestion() {
    for (letter, meant) in [
        ('I', Some('1')),
        ('O', Some('0')),
        ('S', Some('5')),
        ('V', None),
        ('Z', Some('2')),
    ] {
        let code = format!("9144030{letter}1922038216");
        let outcome = examine(IdentifierKind::Uscc, &code, today());
        let allowed = CharacterSet::CreditCode;
        assert_eq!(
            outcome.findings,
            [Finding::Alphabet {
                place: 8,
                allowed,
                suggestion: meant
            }]
        );
        assert!(outcome.to_string().contains("place 8"));
        assert_eq!(outcome.normalised, code, "suggested, never repaired");
    }
}

/// P12
#[test]
fn eighteen_ones_fail_both_checks() {
    assert_eq!(
        keys(IdentifierKind::Uscc, "111111111111111111"),
        ["check", "inner-check"]
    );
}

/// P13
#[test]
fn several_findings_are_listed_at_once() {
    // A strict pattern refuses this code of the complaint; nothing is wrong with it.
    assert_eq!(keys(IdentifierKind::Uscc, "92141127MA0KD1Y64A"), [""; 0]);
    assert_eq!(
        keys(IdentifierKind::Uscc, "O144A3001922038I"),
        ["length", "alphabet"]
    );
    assert_eq!(
        examine(IdentifierKind::Uscc, "O144A3001922038I", today())
            .findings
            .len(),
        3
    );
    assert_eq!(
        keys(IdentifierKind::CitizenId, "650204201102290037"),
        ["check", "date"]
    );
}

/// P14 and P15
#[test]
fn exponents_and_digits_turned_to_zeros_are_refused_with_the_reason() {
    for kind in IdentifierKind::ALL {
        assert_eq!(keys(*kind, "4.40981E+17"), ["exponent-or-zeros"]);
        assert_eq!(keys(*kind, "4e+17"), ["exponent-or-zeros"]);
    }
    assert_eq!(keys(IdentifierKind::Passport, "1E1000000"), [""; 0]);
    // The zeros of the complaint pass the check character, so it cannot be the judge.
    let zeros =
        Identifier::check(IdentifierKind::CitizenId, "650202199003070000", today()).unwrap_err();
    assert_eq!(
        (zeros.keys(), zeros.only_zeros()),
        (vec!["exponent-or-zeros"], true)
    );
    let confirmed = |value| Identifier::confirmed(IdentifierKind::CitizenId, value, today());
    assert!(confirmed("650202199003070000").is_ok());
    assert!(confirmed("4.40981E+17").is_err() && confirmed("650202199003071000").is_err());
    assert_eq!(
        keys(IdentifierKind::CitizenId, "650202199003071000"),
        ["check", "exponent-or-zeros"]
    );
    assert!(keys(IdentifierKind::CitizenId, "650202199003070080").contains(&"check"));
}

#[test]
fn eight_for_b_is_suggested_and_not_repaired() {
    let outcome = examine(IdentifierKind::Uscc, "911100008021004338", today());
    assert_eq!(outcome.suggestion(), Some((18, 'B')));
    assert!(
        outcome
            .en()
            .iter()
            .any(|s| s == "is place 18 B? check the original")
    );
    assert_eq!(
        examine(IdentifierKind::Uscc, "91110000802100433B", today()).suggestion(),
        None
    );
}

#[test]
fn fifteen_digits_are_kept_and_the_longer_form_is_derived() {
    let legacy = Identifier::check(IdentifierKind::CitizenId, "650202900307001", today()).unwrap();
    assert_eq!(legacy.value(), "650202900307001");
    assert_eq!(legacy.derived().unwrap().value(), "650202199003070019");
    assert_eq!(
        ResidentId::parse("650202199003070019", today())
            .unwrap()
            .birth_date()
            .ymd(),
        (1990, 3, 7)
    );
    assert_eq!(
        keys(IdentifierKind::CitizenId, "650202901307001"),
        ["legacy-15", "date"]
    );
    assert_eq!(keys(IdentifierKind::CitizenId, "65020290O307001"), ["form"]);
}

#[test]
fn a_birth_date_is_in_the_future_only_after_today() {
    let born = ResidentId::with_check("65020220261125001").unwrap();
    assert!(ResidentId::parse(born.as_str(), today()).is_ok());
    let outcome = ResidentId::parse(born.as_str(), today().plus_days(-1)).unwrap_err();
    assert_eq!(outcome.findings, [Finding::FutureDate]);
}

#[test]
fn residence_permits_begin_with_81_82_or_83() {
    assert_eq!(
        keys(IdentifierKind::HmtResidence, "830000199003070027"),
        [""; 0]
    );
    assert_eq!(
        keys(IdentifierKind::HmtResidence, "650202199003070019"),
        ["prefix"]
    );
    assert_eq!(
        keys(IdentifierKind::HmtResidence, "810000900307001"),
        ["length"]
    );
    assert!(
        ResidentId::parse("810000199003070015", today())
            .unwrap()
            .is_residence_permit()
    );
}

#[test]
fn an_unknown_region_is_a_warning_and_never_a_refusal() {
    let odd = ResidentId::with_check("99020219900307001").unwrap();
    let outcome = examine(IdentifierKind::CitizenId, odd.as_str(), today());
    assert_eq!(
        (outcome.keys(), outcome.is_accepted()),
        (vec!["region-unknown"], true)
    );
}

#[test]
fn an_organisation_code_is_the_same_with_and_without_its_hyphen() {
    let forms = ["71092546-2", "710925462", "7109254-62"];
    let values =
        forms.map(|form| Identifier::check(IdentifierKind::OrgCode, form, today()).unwrap());
    assert!(values.iter().all(|value| *value == values[0]));
    assert_eq!(
        OrganisationCode::try_from("710925462")
            .unwrap()
            .with_hyphen(),
        "71092546-2"
    );
    assert_eq!(
        keys(IdentifierKind::OrgCode, "71-09254-62"),
        ["length", "alphabet"]
    );
}

#[test]
fn a_whole_credit_code_in_the_organisation_code_column_is_rerouted_with_a_warning() {
    assert_eq!(
        keys(IdentifierKind::OrgCode, "91110000710925462X"),
        ["credit-code-instead"]
    );
    let code = Identifier::check(IdentifierKind::OrgCode, "91110000710925462X", today()).unwrap();
    assert_eq!(
        (code.kind(), code.value()),
        (IdentifierKind::Uscc, "91110000710925462X")
    );
    assert_eq!(
        keys(IdentifierKind::OrgCode, "91110000710925462Y"),
        ["length"]
    );
}

#[test]
fn a_financial_institution_code_names_its_region_at_places_eight_to_eleven() {
    let code = FinancialInstitutionCode::try_from("S0014H365020001").unwrap();
    assert_eq!(code.region(), "6502");
    assert_eq!(
        keys(IdentifierKind::FinancialInstitution, "S0014H36X020001"),
        ["region-form"]
    );
    assert_eq!(
        keys(IdentifierKind::FinancialInstitution, "S0014H3650200"),
        ["length"]
    );
}

#[test]
fn kinds_without_a_known_check_test_length_and_characters_only() {
    use IdentifierKind::*;
    for (kind, good, bad) in [
        (TaxNo, "650203710925462", "6502037109254"),
        (InstitutionNo, "165020000123", "16502000012A"),
        (SocialOrgNo, "新社证字第0123号", ""),
        (PbocInstitution, "G1065020300001230A", "G10650203000"),
        (ForeignPermanent, "CAN110192130104", "CAN-1"),
        (Passport, "e12345678", "E 1234"),
        (OfficerCard, "军字第1234567号", "军\u{fffd}字第1号"),
        (PracticeCertificate, "16502201010123456", "1"),
    ] {
        assert_eq!(keys(kind, good), [""; 0], "{kind}");
        assert!(!examine(kind, bad, today()).is_accepted(), "{kind}");
    }
}

#[test]
fn an_endless_value_is_refused_without_an_endless_list() {
    let outcome = examine(IdentifierKind::Uscc, &"O".repeat(1_000_000), today());
    assert_eq!(outcome.keys(), ["length", "alphabet"]);
    assert!(outcome.findings.len() <= 19 && outcome.normalised.len() <= 256);
}

#[test]
fn personal_numbers_and_names_show_masked_everywhere() {
    let person =
        Identifier::check(IdentifierKind::CitizenId, "650202199003070019", today()).unwrap();
    assert_eq!(person.to_string(), "6502**********0019");
    assert_eq!(
        format!("{person:?}"),
        "Identifier(citizen_id 6502**********0019)"
    );
    let resident = ResidentId::parse("650202199003070019", today()).unwrap();
    assert_eq!(
        format!("{resident} {resident:?}"),
        "6502**********0019 ResidentId(6502**********0019)"
    );
    assert_eq!(
        mask(IdentifierKind::CitizenId, "650202900307001"),
        "6502*******7001"
    );
    assert_eq!(mask(IdentifierKind::Passport, "E12345678"), "*****5678");
    assert_eq!(mask(IdentifierKind::Passport, "E123"), "**23");
    assert_eq!(
        mask(IdentifierKind::TaxNo, "65020219900307001901"),
        "6502************1901"
    );
    // A slip in the last place makes it no less a person's number.
    assert_eq!(
        mask(IdentifierKind::Uscc, "650203198106150313"),
        "6502**********0313"
    );
    assert_eq!(
        mask(IdentifierKind::Uscc, "914403001922038216"),
        "914403001922038216"
    );
    assert_eq!(
        (mask_name("阿布都"), mask_name(" 𡚸某"), mask_name("")),
        ("阿**".into(), "𡚸**".into(), String::new())
    );
}

#[test]
fn every_finding_has_both_languages_and_says_what_would_be_right() {
    for (kind, value) in [
        (IdentifierKind::Uscc, "00000000000000000X"),
        (IdentifierKind::Uscc, "650203198005150209"),
        (IdentifierKind::Uscc, "91440300192203821O"),
        (IdentifierKind::RegistrationNo, "1101051024755"),
        (IdentifierKind::CitizenId, "650202203001010011"),
    ] {
        let outcome = examine(kind, value, today());
        assert!(!outcome.findings.is_empty());
        assert_eq!(outcome.zh().len(), outcome.en().len());
        assert!(
            outcome
                .zh()
                .iter()
                .chain(&outcome.en())
                .all(|sentence| sentence.chars().count() > 8)
        );
    }
    let outcome = examine(IdentifierKind::Uscc, "91440300192203821O", today());
    assert_eq!(
        outcome.en(),
        [
            "the character at place 18 is not allowed, a digit or an upper-case letter other than I, O, S, V, Z is right; \
             is it 0? check the original"
        ]
    );
}

#[test]
fn codes_read_back_from_json_and_a_wrong_one_does_not() {
    let code: CreditCode = serde_json::from_str("\"914403001922038216\"").unwrap();
    assert_eq!(
        serde_json::to_string(&code).unwrap(),
        "\"914403001922038216\""
    );
    assert_eq!(
        (code.department(), code.region(), code.organisation_code()),
        ("91", "440300", "192203821")
    );
    assert!(serde_json::from_str::<CreditCode>("\"914403001922038217\"").is_err());
}

fn credit_code() -> impl Strategy<Value = CreditCode> {
    let heads = prop::sample::select(vec![
        "91", "92", "93", "11", "12", "51", "52", "31", "Y1", "N2",
    ]);
    (heads, "6502[0-9]{2}", "[0-9ABCDEFGHJKLMNPQRTUWXY]{8}").prop_map(|(head, region, body)| {
        let organisation = OrganisationCode::with_check(&body).unwrap();
        CreditCode::from_parts(&format!("{head}{region}"), organisation).unwrap()
    })
}

fn replaced(text: &str, place: usize, with: char) -> String {
    text.chars()
        .enumerate()
        .map(|(at, c)| if at == place { with } else { c })
        .collect()
}

proptest! {
    #[test]
    fn a_credit_code_with_one_changed_character_never_passes(
        code in credit_code(), place in 0..18usize, with in "[0-9A-Z]",
    ) {
        let other = replaced(code.as_str(), place, with.chars().next().unwrap());
        prop_assert_eq!(CreditCode::try_from(other.as_str()).is_ok(), other == code.as_str());
    }

    #[test]
    fn a_citizen_number_with_one_changed_character_never_passes(
        days in -20_000..20_000i32, sequence in 0..1000u32, place in 0..18usize, with in "[0-9X]",
    ) {
        let born = CivilDate::from_days(days).unwrap();
        let (year, month, day) = born.ymd();
        let id = ResidentId::with_check(&format!("650203{year:04}{month:02}{day:02}{sequence:03}")).unwrap();
        prop_assert_eq!(id.birth_date(), born);
        let other = replaced(id.as_str(), place, with.chars().next().unwrap());
        prop_assert_eq!(ResidentId::parse(&other, CivilDate::MAX).is_ok(), other == id.as_str());
    }

    #[test]
    fn a_registration_number_with_one_changed_digit_never_passes(
        body in "[0-9]{14}", place in 0..15usize, with in "[0-9]",
    ) {
        let number = RegistrationNumber::with_check(&body).unwrap();
        let other = replaced(number.as_str(), place, with.chars().next().unwrap());
        prop_assert_eq!(RegistrationNumber::try_from(other.as_str()).is_ok(), other == number.as_str());
    }

    /// Digits only: 0 and B differ by eleven, which the modulus of GB 11714 cannot see.
    #[test]
    fn an_organisation_code_of_digits_with_one_changed_digit_never_passes(
        body in "[0-9]{8}", place in 0..9usize, with in "[0-9]",
    ) {
        let code = OrganisationCode::with_check(&body).unwrap();
        let other = replaced(code.as_str(), place, with.chars().next().unwrap());
        prop_assert_eq!(OrganisationCode::try_from(other.as_str()).is_ok(), other == code.as_str());
    }

    #[test]
    fn no_text_makes_a_check_panic_and_normalising_twice_changes_nothing(text in "\\PC{0,24}", at in 0..14usize) {
        let outcome = examine(IdentifierKind::ALL[at], &text, today());
        prop_assert_eq!(normalise(&outcome.normalised), outcome.normalised.clone());
        let _ = (outcome.zh(), outcome.en(), mask(outcome.kind, &text), format!("{outcome:?}"));
    }
}
