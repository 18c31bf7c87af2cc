//! Rows of registers: registrations, changes of name, practice certificates. What they say goes into the same events as the same
//! fact over the interface.

use crate::draft::Decision;
use crate::refusal::{Fault, Refusal};
use crate::registry::Registry;
use crate::report::{CertificateClaim, RegisterChange, RegisterReport, SubjectClaim};
use crate::source::IdSource;
use crate::subject::{self, Resolved};
use probity_types::{CivilDate, SubjectId};

/// Decides one row.
pub(crate) fn decide(
    registry: &Registry,
    report: &RegisterReport,
    today: CivilDate,
    ids: &mut IdSource,
) -> Result<Decision, Refusal> {
    let claim = &report.subject;
    match &report.change {
        RegisterChange::Registration => subject::decide_register(registry, claim, today, ids),
        RegisterChange::Rename { name, effective_on } => {
            let id = known(registry, claim, today)?;
            subject::decide_rename(registry, id, name, *effective_on, today)
        }
        RegisterChange::Certificate(certificate) => {
            let id = known(registry, claim, today)?;
            let (body, number) = certificate.event()?;
            subject::decide_certificate(registry, id, body, number)
        }
    }
}

/// The subject of a row about somebody who is in the register.
fn known(
    registry: &Registry,
    claim: &SubjectClaim,
    today: CivilDate,
) -> Result<SubjectId, Refusal> {
    match subject::resolve(registry, claim, today)? {
        Resolved::Known(id, _) if subject::bears_other_name(registry, &id, claim) => {
            Err(Refusal::Faults(vec![subject::name_differs()]))
        }
        Resolved::Known(id, _) => Ok(id),
        Resolved::New(_) | Resolved::NameOnly(_) => Err(Refusal::Faults(vec![Fault::new(
            "subject_code",
            "register.unknown",
            (
                "登记库中没有持有该代码的主体",
                "nobody in the register has this identifier",
            ),
            (
                "请先报送主体登记，再报送变更或证书",
                "report the registration first, then the change or the certificate",
            ),
        )])),
    }
}

impl CertificateClaim {
    /// The open body, and the number that is sealed.
    pub(crate) fn event(
        &self,
    ) -> Result<(probity_format::events::CertificateRecorded, &str), Refusal> {
        use crate::refusal::text;
        let body = probity_format::events::CertificateRecorded {
            group: text("group", &self.group)?,
            title: text("title", &self.title)?,
            issuer: text("issuer", &self.issuer)?,
            issued_on: self.issued_on,
            valid_to: self.valid_to,
            number: None,
        };
        Ok((body, &self.number))
    }
}
