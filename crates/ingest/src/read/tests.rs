use super::*;
use proptest::prelude::*;

fn fixture(name: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures")
        .join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

#[test]
fn kinds_are_told_by_the_first_bytes() {
    assert_eq!(read(b""), Err(ReadError::Nothing));
    assert_eq!(read(b"\n\n , \n"), Err(ReadError::Nothing));
    assert_eq!(read(b"%PDF-1.7").map_err(|e| e.key()), Err("file.kind"));
    assert_eq!(read(b"\xFF\xFEa\0").map_err(|e| e.key()), Err("file.kind"));
    assert_eq!(
        read(b"PK\x03\x04rubbish").map_err(|e| e.key()),
        Err("file.damaged")
    );
    assert_eq!(
        read(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1").map_err(|e| e.key()),
        Err("file.damaged")
    );
    let csv = read(b"a,b\n1,2\n").expect("reads");
    assert_eq!(csv.form.name(), "CSV, UTF-8");
}

#[test]
fn the_fixtures_keep_the_kind_of_every_cell() {
    let book = read(&fixture("cells.xlsx")).expect("reads");
    assert_eq!(book.form, FileForm::Xlsx);
    let old = read(&fixture("cells.xls")).expect("reads");
    assert_eq!(old.form, FileForm::Xls);
    for file in [book, old] {
        let table = &file.tables[0];
        assert_eq!(table.sheet, "样表");
        let numbers: Vec<u32> = table
            .rows
            .iter()
            .filter(|r| !r.is_blank())
            .map(|r| r.number)
            .collect();
        assert_eq!(numbers, [1, 2, 4], "row 3 is blank");
        let row = table.rows.iter().find(|r| r.number == 2).expect("row 2");
        assert_eq!(row.cell(0), &Cell::Text("650202199003070019".to_owned()));
        let Cell::Number(lost) = row.cell(1) else {
            panic!("{:?}", row.cell(1))
        };
        assert!(!lost.exact && lost.whole_digits() == 18);
        assert_eq!(
            row.cell(2),
            &Cell::Number(Number {
                text: "348870".to_owned(),
                exact: true
            })
        );
        assert_eq!(
            row.cell(3),
            &Cell::Date(DateSerial {
                text: "43164".to_owned(),
                system_1904: false
            })
        );
        assert_eq!(row.cell(4), &Cell::Boolean(true));
        assert_eq!(row.cell(200), &Cell::Empty);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..2048), kind in 0..3_u8) {
        let mut file = match kind {
            0 => Vec::new(),
            1 => ZIP_MAGIC.to_vec(),
            _ => COMPOUND_MAGIC.to_vec(),
        };
        file.extend(bytes);
        let _ = read(&file);
    }

    #[test]
    fn truncated_and_flipped_fixtures_never_panic(cut in any::<prop::sample::Index>(), flip in any::<prop::sample::Index>(), bit in 0..8_u8) {
        for name in ["cells.xlsx", "cells.xls", "penalties-2018.gbk.csv"] {
            let whole = fixture(name);
            let mut bytes = whole.clone();
            bytes.truncate(cut.index(whole.len()));
            let _ = read(&bytes);
            let mut bytes = whole;
            let at = flip.index(bytes.len());
            bytes[at] ^= 1 << bit;
            let _ = read(&bytes);
        }
    }
}
