//! Made-up entries.

use super::{hash, say, shell};
use probity_pages::*;

fn field(label: String, value: &str) -> EntryField {
    EntryField {
        label,
        value: FieldValue::Shown(value.to_owned()),
        was: None,
    }
}

fn header(position: u64) -> EntryHeader {
    EntryHeader {
        format: 1,
        event_type: Some("PenaltyRecorded v1".to_owned()),
        stream: Some(format!("subject/{}", &hash(3)[..32])),
        revision: Some(41),
        entry_hash: hash(position),
        previous: hash(position - 1),
        previous_in_stream: Some(hash(position - 900)),
        body_commitment: hash(position + 5),
    }
}

fn fields(lang: Lang) -> Vec<EntryField> {
    let veiled = |label: String, value| EntryField {
        label,
        value,
        was: None,
    };
    vec![
        field(
            say(lang, "文书号", "Document number"),
            "示例市监罚〔2026〕31号",
        ),
        field(say(lang, "决定机关", "Authority"), "示例市市场监督管理局"),
        field(say(lang, "决定日期", "Decided on"), "2026-02-10"),
        field(
            say(lang, "处罚种类", "Kinds of penalty"),
            &say(lang, "罚款", "fine"),
        ),
        field(
            say(lang, "罚款金额", "Fine"),
            &say(
                lang,
                "¥12,000.00（原文 1.2 万元）",
                "¥12,000.00 (as reported: 1.2 万元)",
            ),
        ),
        veiled(
            say(lang, "法定代表人", "Legal representative"),
            FieldValue::Sealed,
        ),
        veiled(
            say(lang, "责任人", "Responsible person"),
            FieldValue::Erased,
        ),
        veiled(say(lang, "备注", "Note"), FieldValue::Absent),
    ]
}

fn parts(lang: Lang) -> Vec<SealedPart> {
    let part = |number, kind, state| SealedPart {
        number,
        kind,
        state,
        commitment: hash(number),
    };
    let erased = PartState::Erased(Some(Erasure {
        on: "2026-09-01".to_owned(),
        basis: say(
            lang,
            "个人信息保护法第四十七条",
            "Personal Information Protection Law, art. 47",
        ),
        position: 2_601_500,
    }));
    vec![
        part(
            1,
            say(lang, "法定代表人", "legal representative"),
            PartState::Sealed,
        ),
        part(2, say(lang, "责任人", "responsible person"), erased),
    ]
}

/// A penalty, corrected later.
pub fn record(lang: Lang) -> EntryView {
    EntryView {
        shell: shell(lang, "/entries/2588031"),
        position: 2_588_031,
        event: say(lang, "记入行政处罚", "Administrative penalty recorded"),
        recorded_at: say(
            lang,
            "2026-02-12 11:04:09（北京时间）",
            "2026-02-12 11:04:09 (Beijing time)",
        ),
        valid_from: Some("2026-02-10".to_owned()),
        actor: Some(say(
            lang,
            "数据来源单位：示例市市场监督管理局",
            "Source unit: Sample City market bureau",
        )),
        subject: Some(SubjectRef {
            id: "s1".to_owned(),
            name: "示例油服有限公司".to_owned(),
        }),
        states: vec![RecordState::InForce, RecordState::Corrected],
        withheld: None,
        fields: fields(lang),
        provenance: Some(Provenance {
            batch: "batch-sample-0210".to_owned(),
            place: say(lang, "工作表“处罚”第 17 行", "Sheet “处罚”, row 17"),
            file_hash: None,
        }),
        caused_by: None,
        answered_by: vec![Answer {
            position: 2_590_412,
            event: say(lang, "更正记录", "Record corrected"),
            recorded_at: "2026-03-02 16:40:55".to_owned(),
        }],
        header: header(2_588_031),
        sealed_parts: parts(lang),
        proof: Some(EntryProof {
            checkpoint_size: 2_604_096,
            root: hash(7),
            signed_at: "2026-11-25 18:20:00".to_owned(),
            witnesses: vec!["witness.sample.example".to_owned()],
            href: Some("/v1/records/5f0c/bundle?position=2588031".to_owned()),
        }),
    }
}

/// The correction of that penalty.
pub fn correction(lang: Lang) -> EntryView {
    let mut corrected = field(
        say(lang, "罚款金额", "Fine"),
        &say(
            lang,
            "¥1,200.00（原文 0.12 万元）",
            "¥1,200.00 (as reported: 0.12 万元)",
        ),
    );
    corrected.was = Some("¥12,000.00".to_owned());
    EntryView {
        shell: shell(lang, "/entries/2590412"),
        position: 2_590_412,
        event: say(lang, "更正记录", "Record corrected"),
        fields: vec![
            corrected,
            field(
                say(lang, "更正原因", "Reason"),
                &say(lang, "来源单位更正", "corrected by the source"),
            ),
        ],
        provenance: None,
        caused_by: Some(Answer {
            position: 2_588_031,
            event: say(lang, "记入行政处罚", "Administrative penalty recorded"),
            recorded_at: "2026-02-12 11:04:09".to_owned(),
        }),
        answered_by: Vec::new(),
        header: header(2_590_412),
        sealed_parts: Vec::new(),
        proof: None,
        ..record(lang)
    }
}

/// An entry about a person, as the public sees it.
pub fn withheld(lang: Lang) -> EntryView {
    EntryView {
        shell: shell(lang, "/entries/2588040"),
        position: 2_588_040,
        event: say(lang, "关于个人的条目", "An entry about a person"),
        valid_from: None,
        actor: None,
        subject: None,
        states: Vec::new(),
        withheld: Some(Withheld::Person),
        fields: Vec::new(),
        provenance: None,
        answered_by: Vec::new(),
        header: EntryHeader {
            event_type: None,
            stream: None,
            revision: None,
            previous_in_stream: None,
            ..header(2_588_040)
        },
        sealed_parts: parts(lang)
            .into_iter()
            .map(|part| match part.state {
                PartState::Erased(_) => SealedPart {
                    state: PartState::Erased(None),
                    ..part
                },
                PartState::Opened | PartState::Sealed => part,
            })
            .collect(),
        proof: None,
        ..record(lang)
    }
}
