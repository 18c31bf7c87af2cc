//! What can be wrong with an identifier, in words for the clerk.
//!
//! No sentence here ever holds the value itself: it may be a person's number (complaint P09, domain.md section 17).

use std::fmt;

/// What a finding means for the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingSeverity {
    /// The value cannot be used as it stands.
    Refuse,
    /// The value can be used; the finding is shown beside it.
    Warn,
}

/// How many characters a kind takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lengths {
    /// One of these counts.
    OneOf(&'static [u32]),
    /// From the first to the second count, both included.
    Between(u32, u32),
}

impl Lengths {
    /// Whether a text of `found` characters fits.
    pub fn allow(self, found: u32) -> bool {
        match self {
            Self::OneOf(counts) => counts.contains(&found),
            Self::Between(least, most) => (least..=most).contains(&found),
        }
    }

    /// The most characters the kind takes.
    pub fn most(self) -> u32 {
        match self {
            Self::OneOf(counts) => counts.iter().copied().max().unwrap_or(0),
            Self::Between(_, most) => most,
        }
    }
}

/// As used in both languages: `18`, `15/17/18/20`, `1–50`.
impl fmt::Display for Lengths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OneOf(counts) => {
                for (place, count) in counts.iter().enumerate() {
                    let slash = if place == 0 { "" } else { "/" };
                    write!(f, "{slash}{count}")?;
                }
                Ok(())
            }
            Self::Between(least, most) => write!(f, "{least}–{most}"),
        }
    }
}

/// The characters that a place of an identifier takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CharacterSet {
    /// Digits and upper-case letters without I, O, S, V, Z (GB 32100-2015, table of code characters).
    CreditCode,
    /// Digits and all upper-case letters (GB 11714).
    DigitsAndLetters,
    /// Digits.
    Digits,
    /// Digits and the letter X (last place of a citizen number, GB 11643-1999).
    DigitsAndX,
    /// Any visible character: documents that carry Chinese text, as `军字第…号`.
    Visible,
}

impl CharacterSet {
    /// Whether the set holds the character.
    pub fn holds(self, c: char) -> bool {
        match self {
            Self::CreditCode => self.holds_upper(c) && !matches!(c, 'I' | 'O' | 'S' | 'V' | 'Z'),
            Self::DigitsAndLetters => self.holds_upper(c),
            Self::Digits => c.is_ascii_digit(),
            Self::DigitsAndX => c.is_ascii_digit() || c == 'X',
            Self::Visible => {
                let unreadable = matches!(
                    c,
                    '\u{e000}'..='\u{f8ff}' | '\u{fffd}' | '\u{200b}' | '\u{feff}'
                );
                c == ' ' || !(c.is_control() || c.is_whitespace() || unreadable)
            }
        }
    }

    fn holds_upper(self, c: char) -> bool {
        c.is_ascii_digit() || c.is_ascii_uppercase()
    }

    /// The character that was probably meant, where the set holds it. Shown as a question; nothing is repaired.
    pub fn suggestion(self, found: char) -> Option<char> {
        let normal = super::normalise(found.encode_utf8(&mut [0; 4]));
        let mut characters = normal.chars();
        let plain = match (characters.next(), characters.next()) {
            (Some(only), None) => only,
            _ => return None,
        };
        if plain != found && self.holds(plain) {
            return Some(plain);
        }
        let meant = match plain {
            'O' => '0',
            'I' => '1',
            'Z' => '2',
            'S' => '5',
            'B' => '8',
            _ => return None,
        };
        // A set that holds the letter has no reason to doubt it.
        (!self.holds(plain) && self.holds(meant)).then_some(meant)
    }

    fn zh(self) -> &'static str {
        match self {
            Self::CreditCode => "数字或大写字母（不含 I、O、S、V、Z）",
            Self::DigitsAndLetters => "数字或大写字母",
            Self::Digits => "数字",
            Self::DigitsAndX => "数字或大写字母 X",
            Self::Visible => "可见字符",
        }
    }

    fn en(self) -> &'static str {
        match self {
            Self::CreditCode => "a digit or an upper-case letter other than I, O, S, V, Z",
            Self::DigitsAndLetters => "a digit or an upper-case letter",
            Self::Digits => "a digit",
            Self::DigitsAndX => "a digit or an upper-case X",
            Self::Visible => "a visible character",
        }
    }
}

/// One thing that is wrong or odd about an identifier. Places are counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Finding {
    /// Another number of characters than the kind takes.
    Length {
        /// Characters found.
        found: u32,
        /// What the kind takes.
        allowed: Lengths,
    },
    /// A character outside the alphabet of a code.
    Alphabet {
        /// Where it stands.
        place: u32,
        /// What may stand there.
        allowed: CharacterSet,
        /// What was probably meant.
        suggestion: Option<char>,
    },
    /// A character where a number takes only digits.
    Form {
        /// Where it stands.
        place: u32,
        /// What may stand there.
        allowed: CharacterSet,
        /// What was probably meant.
        suggestion: Option<char>,
    },
    /// The region part holds something other than digits.
    RegionForm {
        /// First place of the region part.
        from: u32,
        /// Last place of the region part.
        to: u32,
    },
    /// No province of this number. The table is historical, so this is never a refusal (domain.md 3.2).
    RegionUnknown,
    /// The last character does not follow from the others.
    Check {
        /// The character that would follow.
        expected: char,
    },
    /// The organisation code inside a credit code, places 9 to 17, contradicts itself.
    InnerCheck {
        /// The character that would follow at place 17.
        expected: char,
    },
    /// No such pair of registering department and category (GB 32100-2015, places 1 and 2).
    Department,
    /// `00000000000000000X`, "not yet assigned": never a key.
    Placeholder,
    /// The birth date is not in the calendar.
    Date,
    /// The birth date lies ahead.
    FutureDate,
    /// A citizen number of 15 digits, issued before October 1999: has no check character.
    Legacy15,
    /// A registration number of 13 digits, issued before 2007: cannot be verified.
    Legacy13,
    /// The hyphen of an organisation code stands elsewhere than before the last character.
    HyphenMisplaced,
    /// A spreadsheet turned the number into an exponent, or its last digits into zeros: digits are lost.
    ExponentOrZeros,
    /// A residence permit of Hong Kong, Macao and Taiwan residents that does not begin with 81, 82 or 83.
    Prefix,
    /// A whole credit code where an organisation code is declared: accepted as the credit code.
    CreditCodeInstead,
}

impl Finding {
    /// The word of `identifiers.toml`, also used in problems of the API.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Length { .. } => "length",
            Self::Alphabet { .. } => "alphabet",
            Self::Form { .. } => "form",
            Self::RegionForm { .. } => "region-form",
            Self::RegionUnknown => "region-unknown",
            Self::Check { .. } => "check",
            Self::InnerCheck { .. } => "inner-check",
            Self::Department => "department",
            Self::Placeholder => "placeholder",
            Self::Date => "date",
            Self::FutureDate => "future-date",
            Self::Legacy15 => "legacy-15",
            Self::Legacy13 => "legacy-13",
            Self::HyphenMisplaced => "hyphen-misplaced",
            Self::ExponentOrZeros => "exponent-or-zeros",
            Self::Prefix => "prefix",
            Self::CreditCodeInstead => "credit-code-instead",
        }
    }

    /// Whether the value is refused or only marked.
    pub fn severity(&self) -> FindingSeverity {
        match self {
            Self::Length { .. }
            | Self::Alphabet { .. }
            | Self::Form { .. }
            | Self::RegionForm { .. }
            | Self::Check { .. }
            | Self::InnerCheck { .. }
            | Self::Department
            | Self::Placeholder
            | Self::Date
            | Self::FutureDate
            | Self::ExponentOrZeros
            | Self::Prefix => FindingSeverity::Refuse,
            Self::RegionUnknown
            | Self::Legacy15
            | Self::Legacy13
            | Self::HyphenMisplaced
            | Self::CreditCodeInstead => FindingSeverity::Warn,
        }
    }

    /// The place that the finding speaks of, counted from 1.
    pub fn place(&self) -> Option<u32> {
        match self {
            Self::Alphabet { place, .. } | Self::Form { place, .. } => Some(*place),
            Self::RegionForm { from, .. } => Some(*from),
            Self::InnerCheck { .. } => Some(17),
            Self::Department => Some(1),
            Self::Date | Self::FutureDate => Some(7),
            Self::Length { .. }
            | Self::RegionUnknown
            | Self::Check { .. }
            | Self::Placeholder
            | Self::Legacy15
            | Self::Legacy13
            | Self::HyphenMisplaced
            | Self::ExponentOrZeros
            | Self::Prefix
            | Self::CreditCodeInstead => None,
        }
    }

    /// What is wrong and what would be right, in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::Length { found, allowed } => format!("共 {found} 个字符，应为 {allowed} 个"),
            Self::Alphabet {
                place,
                allowed,
                suggestion,
            }
            | Self::Form {
                place,
                allowed,
                suggestion,
            } => {
                let hint = suggestion
                    .map(|c| format!("，是否应为 {c}？请核对原件"))
                    .unwrap_or_default();
                format!("第 {place} 位的字符不允许，应为{}{hint}", allowed.zh())
            }
            Self::RegionForm { from, to } => format!("第 {from} 至 {to} 位为地区代码，应为数字"),
            Self::RegionUnknown => "地区代码的前两位不是已知的省级代码，请核对".into(),
            Self::Check { expected } => format!("校验码不符，按前面各位计算末位应为 {expected}"),
            Self::InnerCheck { expected } => {
                format!("第 9 至 17 位的组织机构代码校验不符，第 17 位应为 {expected}")
            }
            Self::Department => {
                "第 1、2 位的登记管理部门与机构类别组合不存在，如企业为 91、个体工商户为 92".into()
            }
            Self::Placeholder => "该值表示尚未赋码，不能作为代码使用，请填写正式代码".into(),
            Self::Date => "第 7 位起的出生日期在日历中不存在".into(),
            Self::FutureDate => "第 7 位起的出生日期晚于今日".into(),
            Self::Legacy15 => "为 15 位旧号码，无校验码，已保留；请以推算的 18 位号码核对".into(),
            Self::Legacy13 => "为 2007 年以前的 13 位注册号，无法校验，已保留".into(),
            Self::HyphenMisplaced => "连字符位置不对，应在末位之前；按九位代码接受".into(),
            Self::ExponentOrZeros => {
                "电子表格已丢失末尾数字，请将该列设为文本格式后重新填写".into()
            }
            Self::Prefix => "港澳台居民居住证号码应以 81、82 或 83 开头".into(),
            Self::CreditCodeInstead => {
                "组织机构代码栏填写的是统一社会信用代码，已按统一社会信用代码接受".into()
            }
        }
    }

    /// What is wrong and what would be right, in English.
    pub fn en(&self) -> String {
        match self {
            Self::Length { found, allowed } => format!("{found} characters, {allowed} are right"),
            Self::Alphabet { place, allowed, suggestion } | Self::Form { place, allowed, suggestion } => {
                let hint = suggestion.map(|c| format!("; is it {c}? check the original")).unwrap_or_default();
                format!("the character at place {place} is not allowed, {} is right{hint}", allowed.en())
            }
            Self::RegionForm { from, to } => format!("places {from} to {to} are the region and take digits"),
            Self::RegionUnknown => "the first two digits of the region name no known province, check them".into(),
            Self::Check { expected } => format!("the check character does not fit, from the others it is {expected}"),
            Self::InnerCheck { expected } => {
                format!("the organisation code at places 9 to 17 does not fit, place 17 would be {expected}")
            }
            Self::Department => "no such department and category at places 1 and 2; \
                an enterprise has 91, a sole trader 92"
                .into(),
            Self::Placeholder => "this stands for a code not yet assigned, give the code itself".into(),
            Self::Date => "the birth date from place 7 on is not in the calendar".into(),
            Self::FutureDate => "the birth date from place 7 on lies ahead".into(),
            Self::Legacy15 => "a number of 15 digits has no check character; kept, compare the derived 18".into(),
            Self::Legacy13 => "a number of 13 digits from before 2007 cannot be verified; kept".into(),
            Self::HyphenMisplaced => "the hyphen belongs before the last character; read as the nine characters".into(),
            Self::ExponentOrZeros => "a spreadsheet lost the last digits; format the column as text, enter it again".into(),
            Self::Prefix => "a residence permit of Hong Kong, Macao and Taiwan residents begins with 81, 82 or 83".into(),
            Self::CreditCodeInstead => "a unified social credit code in the organisation-code column; \
                accepted as the credit code"
                .into(),
        }
    }
}
