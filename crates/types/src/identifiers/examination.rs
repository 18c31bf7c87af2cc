//! The outcome of a check, and the identifier that passed it.

use super::finding::{Finding, FindingSeverity};
use super::mask::mask;
use super::resident::{self, ResidentId};
use super::{credit_code, findings, normalise, organisation};
use crate::{CivilDate, IdentifierKind};
use std::fmt;

/// Characters of input that are looked at; no kind takes as many. The rest would only cost time.
pub const INPUT_CHARACTERS_MAX: usize = 256;

/// Everything found about one value. `Debug` and `Display` never print the value whole where it may be a person's.
#[derive(Clone, PartialEq, Eq)]
pub struct Examination {
    /// The declared kind.
    pub kind: IdentifierKind,
    /// The text that was tested, after [`normalise`].
    pub normalised: String,
    /// All findings, in order: form, check characters, then the rest. Empty means right.
    pub findings: Vec<Finding>,
}

/// Normalises the value and lists all that is wrong with it (complaint P13).
///
/// `today` is the legal day against which birth dates are held.
pub fn examine(kind: IdentifierKind, value: &str, today: CivilDate) -> Examination {
    let value = value.trim();
    let end = value
        .char_indices()
        .nth(INPUT_CHARACTERS_MAX)
        .map_or(value.len(), |(at, _)| at);
    let normalised = normalise(&value[..end]);
    let findings = findings(kind, &normalised, today);
    Examination {
        kind,
        normalised,
        findings,
    }
}

impl Examination {
    /// Whether nothing refuses the value; warnings may stand.
    pub fn is_accepted(&self) -> bool {
        self.findings
            .iter()
            .all(|finding| finding.severity() == FindingSeverity::Warn)
    }

    /// The keys of the findings, each once, in order.
    pub fn keys(&self) -> Vec<&'static str> {
        let mut keys = Vec::new();
        for finding in &self.findings {
            if !keys.contains(&finding.key()) {
                keys.push(finding.key());
            }
        }
        keys
    }

    /// Whether this is a credit code of which only the outer check fails while the organisation code inside holds, as
    /// with real firms registered in Xiamen before 2016 (complaint P08). A named reviewer may confirm such a code.
    pub fn only_outer_check(&self) -> bool {
        self.kind == IdentifierKind::Uscc
            && matches!(self.findings.as_slice(), [Finding::Check { .. }])
    }

    /// Whether only the zeros at the end speak against a number of 18 digits: the original document decides.
    pub fn only_zeros(&self) -> bool {
        self.normalised.len() == 18 && self.findings == [Finding::ExponentOrZeros]
    }

    /// Whether a well-formed citizen number stands where an organisation's number is declared (complaint P09). The
    /// declared kind still decides; the clerk is asked, and the value shows only masked.
    pub fn looks_like_citizen_number(&self) -> bool {
        !self.kind.is_personal() && resident::is_well_formed(&self.normalised)
    }

    /// Place (from 1) and character of the one B/8 slip that would explain a failed credit code. Never applied.
    pub fn suggestion(&self) -> Option<(u32, char)> {
        let wrong = self.kind == IdentifierKind::Uscc
            && self
                .findings
                .iter()
                .any(|f| matches!(f, Finding::Check { .. } | Finding::InnerCheck { .. }));
        if wrong {
            credit_code::look_alike(&self.normalised)
        } else {
            None
        }
    }

    /// The 18-character form of a 15-digit citizen number, to be linked as an alias.
    pub fn derived(&self) -> Option<ResidentId> {
        if self.findings.contains(&Finding::Legacy15) {
            ResidentId::from_legacy15(&self.normalised)
        } else {
            None
        }
    }

    /// One Chinese sentence per finding, and the questions to the clerk.
    pub fn zh(&self) -> Vec<String> {
        let mut sentences: Vec<_> = self.findings.iter().map(Finding::zh).collect();
        if let Some((place, meant)) = self.suggestion() {
            sentences.push(format!("第 {place} 位是否应为 {meant}？请核对原件"));
        }
        if self.looks_like_citizen_number() {
            sentences.push(
                "该值同时符合公民身份号码的规则，是否为自然人的证件号码？请核对证件类型".into(),
            );
        }
        sentences
    }

    /// One English sentence per finding, and the questions to the clerk.
    pub fn en(&self) -> Vec<String> {
        let mut sentences: Vec<_> = self.findings.iter().map(Finding::en).collect();
        if let Some((place, meant)) = self.suggestion() {
            sentences.push(format!("is place {place} {meant}? check the original"));
        }
        if self.looks_like_citizen_number() {
            sentences.push("this is also a well-formed citizen number, is it a person's? check the declared kind".into());
        }
        sentences
    }
}

impl fmt::Display for Examination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en().join("; "))
    }
}

impl fmt::Debug for Examination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Examination")
            .field("kind", &self.kind)
            .field("normalised", &mask(self.kind, &self.normalised))
            .field("findings", &self.findings)
            .finish()
    }
}

impl std::error::Error for Examination {}

/// An identifier of a declared kind that no check refuses.
///
/// The value is normalised; an organisation code has no hyphen. `Debug` and `Display` show the mask.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifier {
    kind: IdentifierKind,
    value: String,
}

impl Identifier {
    /// Normalises and checks. Warnings do not stop it: [`examine`] shows them.
    ///
    /// A whole credit code declared as an organisation code becomes a credit code (domain.md 3.3).
    ///
    /// # Errors
    /// [`Examination`] with all findings, where at least one refuses.
    pub fn check(kind: IdentifierKind, text: &str, today: CivilDate) -> Result<Self, Examination> {
        let outcome = examine(kind, text, today);
        if outcome.is_accepted() {
            Ok(Self::of(outcome))
        } else {
            Err(outcome)
        }
    }

    /// As [`Identifier::check`], and also takes a credit code of which only the outer check fails
    /// ([`Examination::only_outer_check`]), and a number that only its zeros at the end make doubtful
    /// ([`Examination::only_zeros`]). For the case that a named reviewer has confirmed it with the register or the
    /// document (domain.md 3.1); naming the reviewer is the caller's event.
    ///
    /// # Errors
    /// [`Examination`] where anything else refuses.
    pub fn confirmed(
        kind: IdentifierKind,
        text: &str,
        today: CivilDate,
    ) -> Result<Self, Examination> {
        let outcome = examine(kind, text, today);
        if outcome.is_accepted() || outcome.only_outer_check() || outcome.only_zeros() {
            Ok(Self::of(outcome))
        } else {
            Err(outcome)
        }
    }

    fn of(outcome: Examination) -> Self {
        if outcome.findings.contains(&Finding::CreditCodeInstead) {
            return Self {
                kind: IdentifierKind::Uscc,
                value: outcome.normalised,
            };
        }
        let value = match outcome.kind {
            IdentifierKind::OrgCode => organisation::without_hyphen(&outcome.normalised),
            IdentifierKind::Uscc
            | IdentifierKind::RegistrationNo
            | IdentifierKind::TaxNo
            | IdentifierKind::InstitutionNo
            | IdentifierKind::SocialOrgNo
            | IdentifierKind::FinancialInstitution
            | IdentifierKind::PbocInstitution
            | IdentifierKind::CitizenId
            | IdentifierKind::HmtResidence
            | IdentifierKind::ForeignPermanent
            | IdentifierKind::Passport
            | IdentifierKind::OfficerCard
            | IdentifierKind::PracticeCertificate => outcome.normalised,
        };
        Self {
            kind: outcome.kind,
            value,
        }
    }

    /// The kind, as declared or re-routed.
    pub fn kind(&self) -> IdentifierKind {
        self.kind
    }

    /// The whole value. For a person's number see the rule at [`ResidentId::as_str`].
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The value as it may show.
    pub fn masked(&self) -> String {
        mask(self.kind, &self.value)
    }

    /// The 18-character alias of a 15-digit citizen number.
    pub fn derived(&self) -> Option<Self> {
        if self.kind != IdentifierKind::CitizenId {
            return None;
        }
        let longer = ResidentId::from_legacy15(&self.value)?;
        Some(Self {
            kind: self.kind,
            value: longer.as_str().to_owned(),
        })
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identifier({} {})", self.kind, self.masked())
    }
}
