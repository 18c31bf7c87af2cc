//! Dates as they stand in files, to civil dates. Read from the text or the serial, never through an
//! instant (domain.md §19); nothing is guessed: `3/5/2018` is asked about.

use crate::read::DateSerial;
use crate::values::ValueFault;
use probity_types::CivilDate;
use probity_types::identifiers::normalise;

/// A date and whether a time of day stood behind it, or the day was written as a bare serial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadDate {
    /// The day.
    pub date: CivilDate,
    /// What was left out or assumed.
    pub note: DateNote,
}

/// What is said beside an accepted date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateNote {
    /// Nothing.
    Plain,
    /// A time of day was left out.
    TimeDropped,
    /// Five digits were read as an Excel serial of the 1900 system.
    Serial,
}

fn fault(rule: &'static str, zh: &str, en: &str) -> ValueFault {
    ValueFault {
        rule,
        zh: zh.into(),
        en: en.into(),
        remedy_zh: "请写成2018-03-05的形式".into(),
        remedy_en: "write it as 2018-03-05".into(),
        suggestion: None,
    }
}

fn form() -> ValueFault {
    fault(
        "date.form",
        "不是可识别的日期",
        "not a date in any known form",
    )
}

fn no_such_day() -> ValueFault {
    fault(
        "date.no_such_day",
        "日历中没有这一天",
        "no such day in the calendar",
    )
}

fn ambiguous() -> ValueFault {
    let en = "day, month and year cannot be told apart: ask the source";
    fault(
        "date.ambiguous",
        "无法判断年、月、日的次序，请向来源单位核实",
        en,
    )
}

/// Reads a date from text.
///
/// # Errors
/// `date.form`, `date.no_such_day` or `date.ambiguous`.
pub fn read_date(text: &str) -> Result<ReadDate, ValueFault> {
    let text = normalise(text);
    let (day, note) = match text.split_once([' ', 'T']) {
        Some((day, time)) if is_time(time) => (day.to_owned(), DateNote::TimeDropped),
        // Typists put spaces around the marks: 2018 年 3 月 5 日.
        _ => (
            text.chars().filter(|c| !c.is_whitespace()).collect(),
            DateNote::Plain,
        ),
    };
    let plain = |date: CivilDate| ReadDate { date, note };
    if day.contains('年') {
        return marked(&day).map(plain);
    }
    let digits = !day.is_empty() && day.bytes().all(|b| b.is_ascii_digit());
    match (digits, day.len()) {
        (true, 8) => {
            let part = |from: usize, to: usize| day.get(from..to).unwrap_or("");
            civil(part(0, 4), part(4, 6), part(6, 8)).map(plain)
        }
        (true, 5) => {
            let date = from_serial(&day, false)?;
            Ok(ReadDate {
                date,
                note: DateNote::Serial,
            })
        }
        (true, _) => Err(form()),
        (false, _) => separated(&day).map(plain),
    }
}

fn is_time(text: &str) -> bool {
    text.contains(':')
        && text
            .trim()
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.'))
}

/// `2018-3-5`, `2018.3.5`, `2018/3/5`, one separator throughout.
fn separated(day: &str) -> Result<CivilDate, ValueFault> {
    let separator = day
        .chars()
        .find(|c| matches!(c, '-' | '.' | '/'))
        .ok_or_else(form)?;
    let parts: Vec<&str> = day.split(separator).collect();
    let [first, second, third] = parts.as_slice() else {
        return Err(form());
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !(digits(first) && digits(second) && digits(third)) {
        return Err(form());
    }
    match (first.len(), second.len(), third.len()) {
        (4, 1..=2, 1..=2) => civil(first, second, third),
        // 3/5/2018 and 18-3-5 have more than one reading.
        (1..=2, 1..=2, 2 | 4) | (1..=2, 1..=2, 1) => Err(ambiguous()),
        _ => Err(form()),
    }
}

/// `2018年3月5日` with Arabic or Chinese numerals.
fn marked(day: &str) -> Result<CivilDate, ValueFault> {
    let (year, rest) = day.split_once('年').ok_or_else(form)?;
    let (month, rest) = rest.split_once('月').ok_or_else(form)?;
    let last = rest.strip_suffix(['日', '号']).ok_or_else(form)?;
    let year = positional(year).ok_or_else(form)?;
    if year.len() != 4 {
        return Err(if year.len() == 2 { ambiguous() } else { form() });
    }
    let small = |text: &str| small_number(text).ok_or_else(form);
    civil(&year, &small(month)?, &small(last)?)
}

fn numeral(c: char) -> Option<u32> {
    let value = match c {
        '〇' | '○' | '零' | 'O' => 0,
        '一' | '元' => 1,
        '二' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        other => return other.to_digit(10),
    };
    Some(value)
}

/// Digit by digit: 二〇一八 → 2018. The letter O counts only among Chinese numerals.
fn positional(text: &str) -> Option<String> {
    let chinese = !text.is_ascii();
    if !chinese && !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.chars()
        .map(|c| numeral(c).and_then(|n| char::from_digit(n, 10)))
        .collect()
}

/// A month or day: `3`, `03`, 三, 十, 十二, 二十, 三十一, 廿三.
fn small_number(text: &str) -> Option<String> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(text.to_owned());
    }
    let text = text.replace('廿', "二十").replace('卅', "三十");
    let value = match text.split_once('十') {
        None => {
            let mut digits = text.chars();
            match (digits.next().and_then(numeral), digits.next()) {
                (Some(value), None) => value,
                _ => return None,
            }
        }
        Some((tens, units)) => {
            let one = |part: &str, absent: u32| match part {
                "" => Some(absent),
                part => small_digit(part),
            };
            one(tens, 1)? * 10 + one(units, 0)?
        }
    };
    Some(value.to_string())
}

fn small_digit(part: &str) -> Option<u32> {
    let mut digits = part.chars();
    let first = digits.next().and_then(numeral);
    if digits.next().is_some() { None } else { first }
}

fn civil(year: &str, month: &str, day: &str) -> Result<CivilDate, ValueFault> {
    let year: i16 = year.parse().map_err(|_| form())?;
    let month: i8 = month.parse().map_err(|_| form())?;
    let day: i8 = day.parse().map_err(|_| form())?;
    CivilDate::new(year, month, day).map_err(|_| no_such_day())
}

/// Reads the serial of a date cell; the part of the day is left out.
///
/// # Errors
/// `date.no_such_day` for serials before day 1, for 1900-02-29 (serial 60 of the 1900 system, a day
/// that spreadsheets invented) and beyond the calendar.
pub fn read_serial(serial: &DateSerial) -> Result<ReadDate, ValueFault> {
    let (days, time) = serial.text.split_once('.').unwrap_or((&serial.text, ""));
    let note = if time.is_empty() {
        DateNote::Plain
    } else {
        DateNote::TimeDropped
    };
    Ok(ReadDate {
        date: from_serial(days, serial.system_1904)?,
        note,
    })
}

/// Serial 25,569 of the 1900 system and 24,107 of the 1904 system are 1970-01-01.
fn from_serial(days: &str, system_1904: bool) -> Result<CivilDate, ValueFault> {
    let serial: i32 = days.parse().map_err(|_| no_such_day())?;
    let since_1970 = match (system_1904, serial) {
        (true, 0..) => serial.checked_sub(24_107),
        // Serial 1 is 1900-01-01; from 61 on the invented 29 February is counted.
        (false, 1..=59) => serial.checked_sub(25_568),
        (false, 61..) => serial.checked_sub(25_569),
        (true | false, _) => None,
    };
    since_1970
        .and_then(|days| CivilDate::from_days(days).ok())
        .ok_or_else(no_such_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, &'static str> {
        read_date(text)
            .map(|r| r.date.to_string())
            .map_err(|f| f.rule)
    }

    #[test]
    fn every_form_of_the_field_gives_one_civil_date() {
        for text in [
            "2018-03-05",
            "2018-3-5",
            "2018.3.5",
            "2018/3/5",
            "20180305",
            "2018年3月5日",
            "2018年03月05日",
            "二〇一八年三月五日",
            "二○一八年三月五日",
            "二零一八年三月五号",
            "２０１８－３－５",
            " 2018 年 3 月 5 日 ",
            "43164",
            "2018-03-05 00:00:00",
            "2018/3/5 16:30",
        ] {
            assert_eq!(read(text), Ok("2018-03-05".to_owned()), "{text}");
        }
        assert_eq!(
            read("二〇一九年十二月三十一日"),
            Ok("2019-12-31".to_owned())
        );
        assert_eq!(read("二〇二〇年十月廿日"), Ok("2020-10-20".to_owned()));
        assert_eq!(
            read("2099-12-31"),
            Ok("2099-12-31".to_owned()),
            "long-term stays as filed"
        );
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for text in [
            "2018-13-45",
            "20180230",
            "2019年2月29日",
            "2018-0-1",
            "二〇一八年十三月五日",
        ] {
            assert_eq!(read(text), Err("date.no_such_day"), "{text}");
        }
        for text in [
            "",
            "长期",
            "2018-03",
            "2018年3月",
            "2018-3.5",
            "201803",
            "2018-03-05x",
            "-1",
        ] {
            assert_eq!(read(text), Err("date.form"), "{text}");
        }
    }

    #[test]
    fn what_has_two_readings_is_asked_about() {
        for text in ["3/5/2018", "18-3-5", "05.03.18", "3-5-1"] {
            assert_eq!(read(text), Err("date.ambiguous"), "{text}");
        }
    }

    #[test]
    fn serials_of_both_systems_are_read_without_an_instant() {
        let serial = |text: &str, system_1904| {
            let read = read_serial(&DateSerial {
                text: text.to_owned(),
                system_1904,
            });
            read.map(|r| (r.date.to_string(), r.note))
                .map_err(|f| f.rule)
        };
        assert_eq!(
            serial("43164", false),
            Ok(("2018-03-05".to_owned(), DateNote::Plain))
        );
        assert_eq!(
            serial("43164.99", false),
            Ok(("2018-03-05".to_owned(), DateNote::TimeDropped))
        );
        assert_eq!(
            serial("41702", true),
            Ok(("2018-03-05".to_owned(), DateNote::Plain))
        );
        assert_eq!(serial("1", false).map(|d| d.0), Ok("1900-01-01".to_owned()));
        assert_eq!(
            serial("59", false).map(|d| d.0),
            Ok("1900-02-28".to_owned())
        );
        assert_eq!(
            serial("61", false).map(|d| d.0),
            Ok("1900-03-01".to_owned())
        );
        for wrong in ["60", "0", "-3", "99999999", "9999999999999"] {
            assert_eq!(serial(wrong, false), Err("date.no_such_day"), "{wrong}");
        }
    }
}
