//! Money as integer fen. The unit of a column is declared, never guessed.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An amount in fen (1/100 yuan). Negative only in differences.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Fen(pub i64);

/// The unit in which a source reports money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoneyUnit {
    /// 元, yuan, at most two decimals.
    Yuan,
    /// 万元, ten thousand yuan, at most six decimals.
    WanYuan,
    /// 分, fen, whole numbers.
    Fen,
}

/// Why an amount is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a plain decimal number.
    #[error("an amount is digits with at most one decimal point")]
    Form,
    /// More decimals than the unit divides into fen.
    #[error("more than {max} decimals cannot be held in fen")]
    Decimals {
        /// Decimals that the unit allows.
        max: u32,
    },
    /// Beyond what 64 bits of fen hold.
    #[error("the amount is too large")]
    TooLarge,
}

impl MoneyUnit {
    fn decimals(self) -> u32 {
        match self {
            Self::Fen => 0,
            Self::Yuan => 2,
            Self::WanYuan => 6,
        }
    }
}

impl Fen {
    /// Reads a non-negative amount in the declared unit; thousands separators `,` and `，` are taken out.
    ///
    /// # Errors
    /// [`MoneyError`] names the fault; nothing is rounded.
    pub fn parse(text: &str, unit: MoneyUnit) -> Result<Self, MoneyError> {
        let plain: String = text
            .trim()
            .chars()
            .filter(|c| !matches!(c, ',' | '，'))
            .collect();
        let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) || plain.ends_with('.') {
            return Err(MoneyError::Form);
        }
        let max = unit.decimals();
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > max as usize {
            return Err(MoneyError::Decimals { max });
        }
        let padded = format!("{whole}{fraction:0<width$}", width = max as usize);
        padded.parse().map(Self).map_err(|_| MoneyError::TooLarge)
    }
}

/// Yuan with two decimals and thousands separators: `12,345.67`.
impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        let yuan = (fen / 100).to_string();
        let mut grouped = String::new();
        for (place, digit) in yuan.chars().enumerate() {
            if place > 0 && (yuan.len() - place).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        write!(f, "{sign}{grouped}.{:02}", fen % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_exact() {
        assert_eq!(Fen::parse("0.5", MoneyUnit::WanYuan), Ok(Fen(500_000)));
        assert_eq!(
            Fen::parse("1.234567", MoneyUnit::WanYuan),
            Ok(Fen(1_234_567))
        );
        assert_eq!(Fen::parse("1,234.5", MoneyUnit::Yuan), Ok(Fen(123_450)));
        assert_eq!(Fen::parse("1.10", MoneyUnit::Yuan), Ok(Fen(110)));
    }

    #[test]
    fn nothing_is_rounded_or_guessed() {
        assert_eq!(
            Fen::parse("1.234", MoneyUnit::Yuan),
            Err(MoneyError::Decimals { max: 2 })
        );
        assert_eq!(Fen::parse("5万元", MoneyUnit::Yuan), Err(MoneyError::Form));
        assert_eq!(Fen::parse("1.", MoneyUnit::Yuan), Err(MoneyError::Form));
        assert_eq!(Fen::parse("-1", MoneyUnit::Yuan), Err(MoneyError::Form));
        assert_eq!(
            Fen::parse("99999999999999999999", MoneyUnit::Fen),
            Err(MoneyError::TooLarge)
        );
    }

    #[test]
    fn shown_in_yuan_with_separators() {
        assert_eq!(Fen(1_234_567).to_string(), "12,345.67");
        assert_eq!(Fen(5).to_string(), "0.05");
        assert_eq!(Fen(-100_000_000).to_string(), "-1,000,000.00");
    }
}
