//! Civil dates for law (no zone), instants for the log (UTC microseconds).

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A calendar day without zone, from 1600-01-01 to 9999-12-31; days are counted from 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CivilDate(i32);

/// Why a date is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// Not `YYYY-MM-DD`.
    #[error("a date is written YYYY-MM-DD")]
    Form,
    /// No such day in the calendar, or outside 1600–9999.
    #[error("no such day in the calendar")]
    NoSuchDay,
}

const EPOCH: Date = jiff::civil::date(1970, 1, 1);
const DAYS_MIN: i32 = -135_140;
const DAYS_MAX: i32 = 2_932_896;

impl CivilDate {
    /// First day that can be held, 1600-01-01.
    pub const MIN: Self = Self(DAYS_MIN);
    /// Last day that can be held, 9999-12-31; as an end it means "open".
    pub const MAX: Self = Self(DAYS_MAX);

    /// A day from its year, month and day of month.
    ///
    /// # Errors
    /// [`DateError::NoSuchDay`], for example for 30 February.
    pub fn new(year: i16, month: i8, day: i8) -> Result<Self, DateError> {
        let date = Date::new(year, month, day).map_err(|_| DateError::NoSuchDay)?;
        Self::from_date(date)
    }

    fn from_date(date: Date) -> Result<Self, DateError> {
        let days = EPOCH
            .until(date)
            .map_err(|_| DateError::NoSuchDay)?
            .get_days();
        Self::from_days(days)
    }

    /// A day from the count of days since 1970-01-01.
    ///
    /// # Errors
    /// [`DateError::NoSuchDay`] outside 1600–9999.
    pub fn from_days(days: i32) -> Result<Self, DateError> {
        if (DAYS_MIN..=DAYS_MAX).contains(&days) {
            Ok(Self(days))
        } else {
            Err(DateError::NoSuchDay)
        }
    }

    /// Days since 1970-01-01.
    pub fn days(self) -> i32 {
        self.0
    }

    fn date(self) -> Date {
        EPOCH.saturating_add(self.0.days())
    }

    /// Year, month and day of month.
    pub fn ymd(self) -> (i16, i8, i8) {
        let date = self.date();
        (date.year(), date.month(), date.day())
    }

    fn plus(self, span: Span) -> Self {
        Self::from_date(self.date().saturating_add(span)).unwrap_or(Self::MAX)
    }

    /// The day `days` later (earlier when negative); clamps at the ends of the range.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(days).clamp(DAYS_MIN, DAYS_MAX))
    }

    /// Same day of the month `months` later, or the last day of that month (domain rule of publication periods).
    #[must_use]
    pub fn plus_months(self, months: i32) -> Self {
        self.plus(months.months())
    }

    /// Same day `years` later; 29 February becomes 28 February.
    #[must_use]
    pub fn plus_years(self, years: i32) -> Self {
        self.plus(years.years())
    }
}

impl FromStr for CivilDate {
    type Err = DateError;
    fn from_str(text: &str) -> Result<Self, DateError> {
        let bytes = text.as_bytes();
        let digits = |range: std::ops::Range<usize>| -> Result<i16, DateError> {
            let part = text.get(range).ok_or(DateError::Form)?;
            if !part.bytes().all(|b| b.is_ascii_digit()) {
                return Err(DateError::Form);
            }
            part.parse().map_err(|_| DateError::Form)
        };
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return Err(DateError::Form);
        }
        let (year, month, day) = (digits(0..4)?, digits(5..7)?, digits(8..10)?);
        // Two digits always fit i8.
        Self::new(year, month as i8, day as i8)
    }
}

impl fmt::Display for CivilDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Debug for CivilDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for CivilDate {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if s.is_human_readable() {
            s.collect_str(self)
        } else {
            self.0.serialize(s)
        }
    }
}

impl<'de> Deserialize<'de> for CivilDate {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let read = if d.is_human_readable() {
            String::deserialize(d)?.parse()
        } else {
            Self::from_days(i32::deserialize(d)?)
        };
        read.map_err(serde::de::Error::custom)
    }
}

/// An instant: microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(instant) => write!(f, "{instant:.6}"),
            Err(_) => write!(f, "{} µs", self.0),
        }
    }
}

impl FromStr for Timestamp {
    type Err = DateError;
    fn from_str(text: &str) -> Result<Self, DateError> {
        let instant: jiff::Timestamp = text.parse().map_err(|_| DateError::Form)?;
        Ok(Self(instant.as_microsecond()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if s.is_human_readable() {
            s.collect_str(self)
        } else {
            self.0.serialize(s)
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        if d.is_human_readable() {
            String::deserialize(d)?
                .parse()
                .map_err(serde::de::Error::custom)
        } else {
            i64::deserialize(d).map(Self)
        }
    }
}

/// The civil day on which an instant falls in Asia/Shanghai, where every legal day of the register begins and ends.
///
/// The zone database is built in, so that no machine's setting changes a legal day; summer time of 1986–1991 is in it.
pub fn shanghai_day(instant: Timestamp) -> CivilDate {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap_or(jiff::tz::TimeZone::UTC);
    let day = jiff::Timestamp::from_microsecond(instant.0).map(|at| zone.to_datetime(at).date());
    day.ok()
        .and_then(|date| CivilDate::from_date(date).ok())
        .unwrap_or(CivilDate::MIN)
}

/// Day and time of day in Asia/Shanghai: hour, minute, second.
pub fn shanghai_time(instant: Timestamp) -> (CivilDate, [i8; 3]) {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap_or(jiff::tz::TimeZone::UTC);
    let local = jiff::Timestamp::from_microsecond(instant.0).map(|at| zone.to_datetime(at));
    let Ok(local) = local else {
        return (CivilDate::MIN, [0; 3]);
    };
    let day = CivilDate::from_date(local.date()).unwrap_or(CivilDate::MIN);
    (day, [local.hour(), local.minute(), local.second()])
}

/// The instant of a day and time of day in Asia/Shanghai; none where the clock never showed it.
pub fn shanghai_instant(day: CivilDate, [hour, minute, second]: [i8; 3]) -> Option<Timestamp> {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").ok()?;
    let time = jiff::civil::Time::new(hour, minute, second, 0).ok()?;
    let instant = zone.to_timestamp(day.date().to_datetime(time)).ok()?;
    Some(Timestamp(instant.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> CivilDate {
        text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    #[test]
    fn a_date_reads_back() {
        for text in [
            "1600-01-01",
            "1949-10-01",
            "1970-01-01",
            "2024-02-29",
            "9999-12-31",
        ] {
            assert_eq!(date(text).to_string(), text);
        }
        assert_eq!(
            (date("1600-01-01"), date("9999-12-31")),
            (CivilDate::MIN, CivilDate::MAX)
        );
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for text in [
            "2018-13-45",
            "2011-02-29",
            "2026-00-10",
            "2026-04-31",
            "1599-12-31",
        ] {
            assert_eq!(
                text.parse::<CivilDate>(),
                Err(DateError::NoSuchDay),
                "{text}"
            );
        }
        for text in [
            "2018-3-5",
            "20180305",
            "2018/03/05",
            "2018-03-05 ",
            "２018-03-05",
            "",
        ] {
            assert_eq!(text.parse::<CivilDate>(), Err(DateError::Form), "{text}");
        }
    }

    #[test]
    fn months_clamp_to_the_month_end() {
        assert_eq!(date("2014-08-31").plus_months(6), date("2015-02-28"));
        assert_eq!(date("2016-02-29").plus_years(1), date("2017-02-28"));
        assert_eq!(date("2026-01-31").plus_months(-2), date("2025-11-30"));
    }

    /// P22: the legal day is Shanghai's, taken from the zone database.
    #[test]
    fn a_legal_day_is_shanghais() {
        let day = |text: &str| {
            shanghai_day(text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))).to_string()
        };
        assert_eq!(day("2026-03-31T16:30:00Z"), "2026-04-01");
        assert_eq!(day("2026-03-31T15:59:59Z"), "2026-03-31");
        // Summer time: UTC+9 from 1988-04-17 to 1988-09-11.
        assert_eq!(day("1988-06-30T15:00:00Z"), "1988-07-01");
        assert_eq!(day("1988-12-31T15:00:00Z"), "1988-12-31");
    }

    #[test]
    fn a_shanghai_time_reads_back() {
        let instant = shanghai_instant(date("2026-11-25"), [18, 0, 7]).expect("an instant");
        assert_eq!(instant.to_string(), "2026-11-25T10:00:07.000000Z");
        assert_eq!(shanghai_time(instant), (date("2026-11-25"), [18, 0, 7]));
        // Summer time of 1988: an hour earlier in UTC.
        let summer = shanghai_instant(date("1988-07-01"), [0, 0, 0]).expect("an instant");
        assert_eq!(summer.to_string(), "1988-06-30T15:00:00.000000Z");
        assert_eq!(shanghai_instant(date("2026-11-25"), [24, 0, 0]), None);
    }

    #[test]
    fn instants_show_and_read_microseconds() {
        let instant = Timestamp(1_700_000_000_000_001);
        assert_eq!(instant.to_string(), "2023-11-14T22:13:20.000001Z");
        assert_eq!(instant.to_string().parse(), Ok(instant));
    }
}
