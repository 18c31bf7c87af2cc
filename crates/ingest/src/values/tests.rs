use super::*;
use crate::read::DateSerial;

fn shown(text: &str, field_type: &str, unit: MoneyUnit) -> Result<String, &'static str> {
    let field_type: FieldType = field_type.parse().expect("type");
    read_text(text, &Reader::of(&field_type, unit))
        .map(|r| r.value.to_string())
        .map_err(|f| f.rule)
}

#[test]
fn values_are_read_by_their_declared_type() {
    let fen = MoneyUnit::Fen;
    assert_eq!(
        shown("0.5", "money", MoneyUnit::WanYuan),
        Ok("5,000.00".to_owned())
    );
    assert_eq!(
        shown("1,234.5", "money", MoneyUnit::Yuan),
        Ok("1,234.50".to_owned())
    );
    assert_eq!(
        shown("5万元", "money", MoneyUnit::WanYuan),
        Err("money.form")
    );
    assert_eq!(
        shown("1.234", "money", MoneyUnit::Yuan),
        Err("money.decimals")
    );
    assert_eq!(shown("-12", "integer", fen), Ok("-12".to_owned()));
    assert_eq!(shown("1e3", "integer", fen), Err("integer.form"));
    assert_eq!(shown("89.50", "decimal", fen), Ok("89.50".to_owned()));
    assert_eq!(shown("89.", "decimal", fen), Err("decimal.form"));
    assert_eq!(shown("是", "boolean", fen), Ok("true".to_owned()));
    assert_eq!(
        shown("有效", "enum:permit_status", fen),
        Ok("valid".to_owned())
    );
    assert_eq!(
        shown("valid", "enum:permit_status", fen),
        Ok("valid".to_owned())
    );
    assert_eq!(
        shown("作废", "enum:permit_status", fen),
        Err("code.unknown")
    );
    assert_eq!(shown("罚款数额", "text:3", fen), Err("text.too_long"));
    assert_eq!(shown("2018-13-45", "date", fen), Err("date.no_such_day"));
}

#[test]
fn several_penalty_kinds_stand_in_one_cell() {
    let field_type: FieldType = "list:penalty_kind".parse().expect("type");
    let pairs = [("警告", "P1-01"), ("罚款", "P1-02"), ("责令改正", "")];
    let values: BTreeMap<String, String> = pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    let reader = Reader {
        field_type: &field_type,
        unit: MoneyUnit::Fen,
        values: Some(&values),
        split: ";；",
    };
    let read = read_text("罚款；警告; 责令改正；罚款", &reader).expect("reads");
    assert_eq!(read.value.to_string(), "P1-01;P1-02");
    assert_eq!(
        read.notes.iter().map(|n| n.rule).collect::<Vec<_>>(),
        ["code.none"]
    );
    assert_eq!(
        read_text("责令改正", &reader).map_err(|f| f.rule),
        Err("code.none")
    );
    assert_eq!(
        read_text("罚款、警告", &reader).map_err(|f| f.rule),
        Err("code.unknown")
    );
}

#[test]
fn a_number_cell_gives_text_only_where_no_digit_is_lost() {
    let number = |v: f64| Number::from_f64(v).map(Cell::Number).expect("finite");
    assert_eq!(cell_text(&number(348_870.0)), Ok(Some("348870".to_owned())));
    assert_eq!(
        cell_text(&number(650_202_199_003_070_019.0)).map_err(|f| f.rule),
        Err("cell.digits_lost")
    );
    let date = Cell::Date(DateSerial {
        text: "43164".to_owned(),
        system_1904: false,
    });
    assert_eq!(cell_text(&date).map_err(|f| f.rule), Err("cell.kind"));
    assert_eq!(
        cell_text(&Cell::Error("#N/A".to_owned())).map_err(|f| f.rule),
        Err("cell.error")
    );
    assert_eq!(cell_text(&Cell::Text(" \u{3000}".to_owned())), Ok(None));
    let reader = Reader::of(&FieldType::Date, MoneyUnit::Fen);
    let read = read_cell(&date, &reader).expect("reads").expect("a value");
    assert_eq!(read.value.to_string(), "2018-03-05");
}

/// Complaint P20: rare characters come as private-use codes or as the replacement mark.
#[test]
fn characters_without_a_shape_are_kept_and_flagged() {
    let reader = Reader::of(&FieldType::Text(50), MoneyUnit::Fen);
    let read = read_text("张\u{E863}\u{FFFD}", &reader).expect("reads");
    assert_eq!(read.value.to_string(), "张\u{E863}\u{FFFD}");
    let rules: Vec<_> = read.notes.iter().map(|n| n.rule).collect();
    assert_eq!(rules, ["text.private_use", "text.replacement"]);
    assert!(
        read_text("𠮷田", &reader).expect("reads").notes.is_empty(),
        "plane 2 is text like any other (P21)"
    );
}
