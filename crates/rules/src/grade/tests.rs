use super::*;
use crate::hits::{HitFacts, Standing, hit_class};
use crate::policy::shipped_policy;
use crate::severity::{Ground, Verdict};
use probity_types::{AwardLevel, Polarity, Publicity, Severity};
use proptest::prelude::*;

fn input(hits: &[(HitClass, u64)]) -> GradeInput {
    let mut input = GradeInput::default();
    for (class, position) in hits {
        input.add(
            *class,
            Hit {
                position: *position,
            },
        );
    }
    input
}

fn grade(hits: &[(HitClass, u64)]) -> Grade {
    shipped_policy().grade.grade(&input(hits))
}

fn check(classes: &[HitClass], expected: GradeValue, points: i64) {
    let hits: Vec<(HitClass, u64)> = classes.iter().copied().zip(1..).collect();
    let grade = grade(&hits);
    assert_eq!(
        (grade.grade, grade.points),
        (expected, points),
        "{classes:?}"
    );
}

const CITY: HitClass = HitClass::Honour(AwardLevel::City);
const SOCIAL: HitClass = HitClass::Honour(AwardLevel::Social);

#[test]
fn no_record_is_not_good() {
    let grade = grade(&[]);
    assert_eq!(
        (grade.grade, grade.points, grade.reasons.len()),
        (GradeValue::Unrated, 0, 0)
    );
    assert!(
        grade.explanation.zh.starts_with("无记录") && grade.explanation.en.starts_with("Unrated")
    );
    let emptied = GradeInput {
        classes: BTreeMap::from([(CITY, ClassHits::default())]),
    };
    assert_eq!(
        shipped_policy().grade.grade(&emptied).grade,
        GradeValue::Unrated
    );
}

#[test]
fn points_bands_and_bars_give_the_grade() {
    use HitClass::{AdverseGeneral, AdverseMinor, AdverseSerious, BlackList, Unperformed};
    check(&[CITY], GradeValue::Excellent, 1100);
    check(&[SOCIAL], GradeValue::Good, 1005);
    check(&[AdverseMinor], GradeValue::Good, 950);
    check(&[AdverseGeneral], GradeValue::Fair, 850);
    check(&[Unperformed], GradeValue::Fair, 800);
    check(&[AdverseSerious], GradeValue::Fair, 600);
    check(&[AdverseSerious, AdverseMinor], GradeValue::Poor, 550);
    check(&[BlackList, Unperformed], GradeValue::Poor, 400);
    // Honours do not buy a serious record off.
    let national = HitClass::Honour(AwardLevel::National);
    check(
        &[AdverseSerious, national, CITY, CITY],
        GradeValue::Fair,
        1100,
    );
    check(&[AdverseMinor, national], GradeValue::Good, 1250);
}

#[test]
fn a_direct_grade_beats_points() {
    let national = HitClass::Honour(AwardLevel::National);
    check(&[HitClass::SeriousList, national], GradeValue::Poor, 1300);
}

#[test]
fn a_rule_counts_no_more_than_its_maximum_and_says_how_many_there_are() {
    let hits: Vec<(HitClass, u64)> = (0..40).map(|p| (HitClass::AdverseMinor, p)).collect();
    let grade = grade(&hits);
    assert_eq!(grade.points, 1000 - 4 * 50);
    let reason = &grade.reasons[1];
    assert_eq!(
        (reason.rule.as_str(), reason.version.as_str()),
        ("G01", "1")
    );
    assert_eq!(
        (reason.count, reason.counted, reason.positions.len()),
        (40, 4, POSITIONS_MAX)
    );
    assert_eq!(reason.positions[0], 39);
}

#[test]
fn a_bar_names_the_class_that_raised_it() {
    let grade = grade(&[
        (HitClass::AdverseMinor, 7),
        (HitClass::Honour(AwardLevel::National), 9),
    ]);
    let bar = grade.reasons.last().expect("a bar");
    assert_eq!(bar.effect, Effect::Barred(GradeValue::Excellent));
    assert_eq!(
        (bar.class, bar.positions.as_slice()),
        (Some(HitClass::AdverseMinor), &[7][..])
    );
}

fn any_hits() -> impl Strategy<Value = Vec<(HitClass, u64)>> {
    let class = (0..HitClass::ALL.len()).prop_map(|i| HitClass::ALL[i]);
    prop::collection::vec((class, 0..1000u64), 0..40)
}

proptest! {
    #[test]
    fn the_order_of_hits_does_not_change_a_grade(hits in any_hits(), seed in any::<u64>()) {
        let mut other = hits.clone();
        other.sort_by_key(|(class, position)| (position.wrapping_mul(seed | 1), *class));
        prop_assert_eq!(grade(&hits), grade(&other));
    }

    #[test]
    fn the_points_are_the_sum_of_their_reasons(hits in any_hits()) {
        let grade = grade(&hits);
        let sum: i64 = grade.reasons.iter().map(|r| match r.effect {
            Effect::Points(points) => points,
            Effect::Direct(_) | Effect::Barred(_) => 0,
        }).sum();
        prop_assert_eq!(sum, grade.points);
        prop_assert_eq!(grade.grade == GradeValue::Unrated, hits.is_empty());
    }

    #[test]
    fn one_more_adverse_hit_never_raises_and_one_more_honour_never_lowers(
        hits in any_hits(), class in 0..HitClass::ALL.len(),
    ) {
        prop_assume!(!hits.is_empty());
        let class = HitClass::ALL[class];
        let before = grade(&hits).grade;
        let mut more = hits;
        more.push((class, 5000));
        let after = grade(&more).grade;
        match class.polarity() {
            Polarity::Adverse => prop_assert!(after >= before, "{before} to {after}"),
            Polarity::Positive | Polarity::Neutral => prop_assert!(after <= before, "{before} to {after}"),
        }
    }

    #[test]
    fn adding_an_expired_hit_never_changes_a_grade(hits in any_hits(), severity in 1u16..=4) {
        let verdict = Verdict {
            severity: Severity::try_from(severity).expect("a severity"),
            polarity: Polarity::Adverse,
            ground: Ground::Penalty,
        };
        let standing = Standing { ended: true, ..Standing::default() };
        let facts = HitFacts { verdict, publicity: Publicity::Public, standing };
        let mut more = hits.clone();
        more.extend(hit_class(&facts).map(|class| (class, 5000)));
        prop_assert_eq!(grade(&hits), grade(&more));
    }
}
