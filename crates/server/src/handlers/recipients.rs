//! Recipients of the feed: admission, pages of their scope, receipts, and who has not acknowledged.

use crate::answer::Answer;
use crate::call::Call;
use crate::errors::Trouble;
use crate::handlers::feed::is_shown;
use crate::handlers::log::subject_of;
use crate::handlers::writes::receipt;
use crate::moment::{Asked, Page, clearance, disclose, page};
use crate::show;
use probity_api::cursor::CursorList;
use probity_api::{
    ACKNOWLEDGE_DAYS_MAX, AcknowledgementRequest, FeedEntry, FeedFrame, FeedPageQuery,
    FeedPageView, FeedSubject, FieldProblem, PageQuery, ProblemType, RecipientRequest,
    RecipientView, RecipientsView, RecordStanding, Scope, page_items,
};
use probity_app::recipients::{AcknowledgeError, ErasedOf, Recipient, recipient_of};
use probity_app::{Ledger, Sight};
use probity_domain::Entry;
use probity_domain::command::AdmitRecipient;
use probity_format::events::Event;
use probity_project::Moment;
use probity_types::{CodeList, ListingId, Position, RecordId, SubjectId};
use std::collections::BTreeSet;

/// Microseconds of a day.
const DAY_US: i64 = 86_400_000_000;

/// Admits an agency to the feed.
pub async fn admit_recipient(call: Call) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let request: RecipientRequest = call.json()?;
    let agency = request.agency.trim().to_owned();
    let mut faults = Vec::new();
    if agency.is_empty() {
        let en = "name the agency, as its keys name it";
        faults.push(FieldProblem::new(
            "agency",
            "field.required",
            en,
            "请写明单位名称，与其密钥一致",
        ));
    }
    if !(1..=ACKNOWLEDGE_DAYS_MAX).contains(&request.acknowledge_days) {
        let en = format!("1 to {ACKNOWLEDGE_DAYS_MAX} days");
        let zh = format!("应为 1 至 {ACKNOWLEDGE_DAYS_MAX} 日");
        faults.push(FieldProblem::new(
            "acknowledge_days",
            "integer.range",
            en,
            zh,
        ));
    }
    faults.extend(unknown_classes(ledger, &request));
    if !faults.is_empty() {
        return Err(Call::invalid(faults));
    }
    let admission = AdmitRecipient {
        recipient: recipient_of(&agency),
        agency,
        purpose: request.purpose,
        basis: request.basis,
        subcategories: request.subcategories,
        lists: request.lists,
        acknowledge_days: request.acknowledge_days,
    };
    let written = ledger.admit_recipient(&call.caller()?, admission).await?;
    Ok(receipt(&written))
}

/// Classes and lists that no policy in force knows: a misspelt one would never deliver anything.
fn unknown_classes(ledger: &Ledger, request: &RecipientRequest) -> Vec<FieldProblem> {
    let views = ledger.views();
    let screen = ledger.screen(&views, Sight::Public);
    let Some(packs) = screen.packs() else {
        return Vec::new();
    };
    let mut faults = Vec::new();
    for code in &request.subcategories {
        if packs.catalogue.entry(code).is_none() {
            let code: String = code.chars().take(16).collect();
            let en = format!("the catalogue in force has no {code}; see /v1/catalogue");
            let zh = format!("现行目录中没有 {code}，见 /v1/catalogue");
            faults.push(FieldProblem::new("subcategories", "code.unknown", en, zh));
        }
    }
    for list in &request.lists {
        if packs.lists.list(list).is_none() {
            let list: String = list.chars().take(64).collect();
            let en = format!("no list in force has the id {list}; see /v1/lists");
            let zh = format!("现行名单中没有 {list}，见 /v1/lists");
            faults.push(FieldProblem::new("lists", "code.unknown", en, zh));
        }
    }
    faults
}

/// The recipient that the caller's agency is.
fn own_recipient(call: &Call) -> Result<Recipient, Trouble> {
    let holder = call.holder()?;
    let found = call
        .service
        .ledger
        .recipient(recipient_of(&holder.agency))?;
    found.ok_or_else(|| {
        let en =
            "the agency of this key was not admitted as a recipient; POST /v1/recipients admits it";
        let zh = "该密钥所属单位未登记为接收方，请先由 POST /v1/recipients 登记";
        Trouble::saying(ProblemType::Forbidden, en, zh)
    })
}

/// One page of a recipient's feed. What leaves is on record before it does.
pub async fn read_feed_page(call: Call) -> Result<Answer, Trouble> {
    let ledger = call.service.ledger.clone();
    let query: FeedPageQuery = call.query()?;
    let items = page_items(query.limit).map_err(|problems| {
        let problem = probity_api::Problem::fields(ProblemType::InvalidQuery, problems);
        Trouble(Box::new(problem))
    })?;
    let (purpose, basis) = clearance(&call, Scope::PersonsRead)?
        .ok_or_else(|| Trouble::of(ProblemType::PurposeRequired))?;
    let recipient = own_recipient(&call)?;
    if purpose != recipient.admitted.purpose {
        let admitted = recipient.admitted.purpose;
        let en = format!(
            "this recipient was admitted for the purpose {}",
            admitted.key()
        );
        let zh = format!(
            "该接收方登记的用途为{}（{}）",
            admitted.zh(),
            admitted.key()
        );
        return Err(Trouble::saying(ProblemType::Forbidden, en, zh));
    }
    let head = ledger.views().position().unwrap_or_default();
    if query.from > head.next() {
        return Err(Trouble::of(ProblemType::PositionAhead));
    }
    let next = Position(head.next().0.min(query.from.0 + u64::from(items)));
    let reader = Reader {
        ledger: &ledger,
        recipient: &recipient,
        moment: ledger.now(),
    };
    // What the page speaks of is found before anything of it is read for the recipient.
    let found = reader.find(query.from, next)?;
    let subjects: BTreeSet<SubjectId> = found.iter().filter_map(Found::subject).collect();
    if !subjects.is_empty() {
        disclose(&call, (purpose, &basis), subjects).await?;
    }
    let mut frames = Vec::new();
    for found in found {
        frames.extend(reader.frame(found)?);
    }
    let hash_before = |position: Position| -> Result<Option<String>, Trouble> {
        let Some(before) = position.0.checked_sub(1).map(Position) else {
            return Ok(None);
        };
        Ok(ledger
            .frame(before)?
            .map(|frame| frame.entry_hash.to_string()))
    };
    Ok(Answer::of(&FeedPageView {
        log: ledger.id,
        recipient: recipient.id,
        from: query.from,
        before: hash_before(query.from)?,
        next,
        entry_hash: hash_before(next)?,
        frames,
        position: head,
    }))
}

/// What concerns a recipient, before its content is read.
enum Found {
    Record(Box<Entry>, SubjectId, RecordId),
    Listing(Box<Entry>, SubjectId, ListingId),
    Erasure(Box<Entry>, ErasedOf),
    Batch(Box<Entry>),
    Gap(Position, Position),
}

impl Found {
    fn subject(&self) -> Option<SubjectId> {
        match self {
            Self::Record(_, subject, _) | Self::Listing(_, subject, _) => Some(*subject),
            Self::Erasure(..) | Self::Batch(_) | Self::Gap(..) => None,
        }
    }
}

struct Reader<'a> {
    ledger: &'a Ledger,
    recipient: &'a Recipient,
    moment: Moment,
}

impl Reader<'_> {
    fn find(&self, from: Position, next: Position) -> Result<Vec<Found>, Trouble> {
        let (mut found, mut gap) = (Vec::new(), None);
        for position in (from.0..next.0).map(Position) {
            let Some(entry) = self.ledger.entry_seen(position, Sight::Public)? else {
                return Err(Trouble::internal(format!(
                    "no entry at position {position}"
                )));
            };
            if !is_shown(self.ledger, &entry) {
                gap.get_or_insert(position);
                continue;
            }
            found.extend(gap.take().map(|first| Found::Gap(first, position)));
            found.extend(self.concern(entry)?);
        }
        found.extend(gap.map(|first| Found::Gap(first, next)));
        Ok(found)
    }

    /// What an entry is to the recipient, if anything.
    fn concern(&self, entry: Entry) -> Result<Option<Found>, Trouble> {
        if let Event::ErasureRecorded(event) = &entry.event {
            let erased = self.ledger.erased_of(self.recipient, event)?;
            return Ok(erased.map(|erased| Found::Erasure(Box::new(entry), erased)));
        }
        if matches!(entry.event, Event::BatchCompleted(_)) {
            return Ok(Some(Found::Batch(Box::new(entry))));
        }
        let Some(subject) = subject_of(&entry) else {
            return Ok(None);
        };
        let views = self.ledger.views();
        if let Some(id) = entry.event.record() {
            let row = views.records().get(&id);
            let takes = row.is_some_and(|row| self.recipient.takes(&row.subcategory));
            return Ok(takes.then(|| Found::Record(Box::new(entry), subject, id)));
        }
        let Some(id) = show::timeline::listing_of(&entry.event) else {
            return Ok(None);
        };
        let row = views.listings().get(&id);
        let takes = row.is_some_and(|row| self.recipient.takes_list(&row.list));
        Ok(takes.then(|| Found::Listing(Box::new(entry), subject, id)))
    }

    fn frame(&self, found: Found) -> Result<Option<FeedFrame>, Trouble> {
        Ok(match found {
            Found::Gap(from, resumes_at) => Some(FeedFrame::Gap { from, resumes_at }),
            Found::Batch(entry) => Some(FeedFrame::Batch {
                entry: feed_entry(&entry),
            }),
            Found::Erasure(entry, erased) => Some(FeedFrame::Erasure {
                entry: feed_entry(&entry),
                subject: erased.subject,
                records: erased.records.into_iter().collect(),
            }),
            Found::Listing(entry, subject, id) => {
                let subject = self.subject(subject)?;
                let views = self.ledger.views();
                let row = views.listings().get(&id);
                row.and_then(|row| show::listing::listing(&views, row, &self.moment))
                    .map(|listing| FeedFrame::Listing {
                        entry: feed_entry(&entry),
                        subject: Box::new(subject),
                        listing: Box::new(listing),
                    })
            }
            Found::Record(entry, subject, id) => self.record(&entry, subject, id)?,
        })
    }

    fn record(
        &self,
        entry: &Entry,
        subject: SubjectId,
        id: RecordId,
    ) -> Result<Option<FeedFrame>, Trouble> {
        let row = self.ledger.views().records().get(&id).cloned();
        let Some(row) = row else { return Ok(None) };
        let of = self.subject(subject)?;
        let content = self
            .ledger
            .record_seen(&row, &self.moment, Sight::Disclosed)?;
        let views = self.ledger.views();
        let screen = self.ledger.screen(&views, Sight::Disclosed);
        let recorded_at = entry.header.recorded_at;
        let view = content.and_then(|content| {
            show::record::record(
                &screen,
                (subject, &row),
                &content,
                recorded_at,
                &self.moment,
            )
        });
        Ok(view.map(|mut record| {
            // Nobody keeps data after a withdrawal, so none is handed out with one.
            let is_gone = matches!(
                record.state,
                RecordStanding::Voided | RecordStanding::Annulled
            );
            if is_gone || record.is_erased {
                record.fields.clear();
            }
            FeedFrame::Record {
                entry: feed_entry(entry),
                subject: Box::new(of),
                record: Box::new(record),
            }
        }))
    }

    fn subject(&self, id: SubjectId) -> Result<FeedSubject, Trouble> {
        let row = self.ledger.views().directory().get(&id).cloned();
        let Some(row) = row else {
            return Err(Trouble::internal(format!("no subject {id}")));
        };
        let person = row.kind.is_person();
        let person = person
            .then(|| self.ledger.person(&row, &self.moment))
            .transpose()?;
        Ok(match person {
            Some(person) => FeedSubject {
                id,
                kind: row.kind,
                identifiers: show::subject::masked(&person),
                name: person.name,
            },
            None => FeedSubject {
                id,
                kind: row.kind,
                name: row.name_at(&self.moment).map(str::to_owned),
                identifiers: show::subject::identifiers(&row, &self.moment),
            },
        })
    }
}

fn feed_entry(entry: &Entry) -> FeedEntry {
    FeedEntry {
        position: entry.header.position,
        recorded_at: entry.header.recorded_at,
        event: entry.event.name().to_owned(),
        event_zh: entry.event.zh().to_owned(),
        entry_hash: entry.hash.to_string(),
        is_withdrawal: matches!(
            entry.event,
            Event::RecordCorrected(_)
                | Event::RecordVoided(_)
                | Event::RecordAnnulled(_)
                | Event::ListingEnded(_)
                | Event::ErasureRecorded(_)
        ),
    }
}

/// Records a receipt of the caller's agency.
pub async fn acknowledge_feed(call: Call) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let request: AcknowledgementRequest = call.json()?;
    let recipient = own_recipient(&call)?;
    let receipt_of = (request.position, request.withdrawals);
    let written = ledger
        .acknowledge_feed(&call.caller()?, &recipient, receipt_of)
        .await;
    let refused = |field: &str, rule: &str, en: String, zh: String| {
        Call::invalid(vec![FieldProblem::new(field, rule, en, zh)])
    };
    match written {
        Ok(written) => Ok(receipt(&written)),
        Err(AcknowledgeError::Read(error)) => Err(error.into()),
        Err(AcknowledgeError::Write(error)) => Err(error.into()),
        Err(error @ AcknowledgeError::Ahead { head }) => {
            let zh = format!("日志目前只到位置 {head}");
            Err(refused("position", "position.ahead", error.to_string(), zh))
        }
        Err(error @ AcknowledgeError::Back { position }) => {
            let zh = format!("位置 {position} 已经确认，回执不得后退");
            Err(refused("position", "position.back", error.to_string(), zh))
        }
        Err(error @ AcknowledgeError::LeftOut { position }) => {
            let zh = format!("位置 {position} 的更正、撤回或删除未列入回执，请执行后写明");
            Err(refused(
                "withdrawals",
                "withdrawal.left_out",
                error.to_string(),
                zh,
            ))
        }
    }
}

/// Every recipient with what it has not acknowledged. Public: who lags behind is for everybody to see.
pub async fn list_recipients(call: Call) -> Result<Answer, Trouble> {
    let ledger = call.service.ledger.clone();
    let query: PageQuery = call.query()?;
    let asked = &mut Asked::default();
    let page = page(CursorList::Recipients, query.cursor, query.limit, asked)?;
    let list = move || recipients(&ledger, page);
    let view = tokio::task::spawn_blocking(list)
        .await
        .map_err(Trouble::internal)??;
    Ok(Answer::of(&view))
}

fn recipients(ledger: &Ledger, page: Page) -> Result<RecipientsView, Trouble> {
    let moment = ledger.now();
    let head = moment.known_at.unwrap_or_default();
    let now = ledger.clock_now();
    let all = ledger.recipients()?;
    let mut items = Vec::new();
    for recipient in all.iter().skip(page.offset).take(page.items) {
        let after = recipient.acknowledged.map(|receipt| receipt.position);
        let open = ledger.withdrawals(recipient, after, head)?;
        let oldest = open.first().copied();
        let frame = oldest.map(|at| ledger.frame(at)).transpose()?.flatten();
        let oldest_at = frame.map(|frame| frame.header.recorded_at);
        let admitted = &recipient.admitted;
        let patience = i64::from(admitted.acknowledge_days) * DAY_US;
        items.push(RecipientView {
            id: recipient.id,
            agency: admitted.agency.to_string(),
            purpose: admitted.purpose,
            basis: admitted.basis.to_string(),
            subcategories: admitted
                .subcategories
                .iter()
                .map(|code| code.to_string())
                .collect(),
            lists: admitted.lists.iter().map(|list| list.to_string()).collect(),
            acknowledge_days: admitted.acknowledge_days,
            admitted_position: recipient.admitted_at,
            acknowledged: after,
            acknowledged_at: recipient.acknowledged.map(|receipt| receipt.at),
            open_withdrawals: open.len() as u64,
            oldest_open: oldest,
            oldest_open_at: oldest_at,
            is_overdue: oldest_at.is_some_and(|at| now.0 - at.0 > patience),
        });
    }
    Ok(RecipientsView {
        items,
        next: page.next(CursorList::Recipients, &moment, all.len()),
        position: head,
    })
}
