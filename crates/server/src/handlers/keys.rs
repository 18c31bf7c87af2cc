//! Access keys over the interface.

use crate::answer::Answer;
use crate::call::Call;
use crate::errors::Trouble;
use crate::handlers::writes::{receipt, receipt_view, status};
use crate::moment::{Asked, page};
use probity_api::cursor::CursorList;
use probity_api::{
    FieldProblem, KeyIssuedView, KeyRequest, KeyView, KeysView, PageQuery, ProblemType, Scope,
};
use probity_app::keys::{KeyOrder, PresentedKey, issue_command};
use probity_domain::Command;
use probity_domain::registry::KeyState;
use probity_format::events::Event;
use probity_project::Moment;
use probity_types::{AccessKeyId, CivilDate, Position, Timestamp};

/// Issues a key. Nobody gives a scope that their own key lacks.
pub async fn issue_key(call: Call) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let request: KeyRequest = call.json()?;
    let own = &call.holder()?.scopes;
    if let Some(lacking) = request
        .scopes
        .iter()
        .find(|scope| !own.contains(scope.word()))
    {
        let en = format!("your own key lacks the scope {lacking}, so it cannot give it");
        let zh = format!("您的密钥没有权限 {lacking}（{}），不能授予", lacking.zh());
        return Err(Trouble::saying(ProblemType::Forbidden, en, zh));
    }
    if request.expires_on.is_some_and(|day| day < ledger.today()) {
        let en = "the last day lies in the past; the key would never open anything";
        let fault = FieldProblem::new(
            "expires_on",
            "date.past",
            en,
            "有效期截止日已过，密钥签发即失效",
        );
        return Err(Call::invalid(vec![fault]));
    }
    let key = PresentedKey::random().map_err(Trouble::internal)?;
    let order = KeyOrder {
        label: request.label,
        agency: request.agency,
        scopes: request
            .scopes
            .iter()
            .map(|scope| scope.word().to_owned())
            .collect(),
        expires_on: request.expires_on,
    };
    let command = issue_command(&key, order, false);
    let written = ledger.write(&call.caller()?, command).await?;
    let issued = match ledger
        .entry(written.receipt.first)?
        .map(|entry| entry.event)
    {
        Some(Event::AccessKeyIssued(event)) => event.key,
        _ => return Err(Trouble::internal("a receipt for a key names no key")),
    };
    let view = KeyIssuedView {
        key: issued,
        // Answered again: the secret was shown once and is kept nowhere.
        secret: (issued == key.id).then(|| key.reveal()),
        receipt: receipt_view(&written),
    };
    Ok(Answer::of(&view)
        .status(status(&written))
        .revision(written.receipt.last))
}

fn key_view(id: AccessKeyId, state: &KeyState, issued_at: Timestamp, today: CivilDate) -> KeyView {
    let is_over = state.expires_on.is_some_and(|day| day < today);
    KeyView {
        key: id,
        label: state.label.clone(),
        agency: state.agency.clone(),
        // A scope of a later version of the interface is left out: it allows nothing here.
        scopes: state
            .scopes
            .iter()
            .filter_map(|word| word.parse::<Scope>().ok())
            .collect(),
        expires_on: state.expires_on,
        is_demo: state.demo,
        is_active: state.revoked_at.is_none() && !is_over,
        issued_position: state.issued_at,
        issued_at,
        revoked_position: state.revoked_at,
    }
}

/// Keys in the order in which they were issued.
pub async fn list_keys(call: Call) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let query: PageQuery = call.query()?;
    let page = page(
        CursorList::Keys,
        query.cursor,
        query.limit,
        &mut Asked::default(),
    )?;
    let mut keys: Vec<(AccessKeyId, KeyState)> = ledger
        .log
        .inspect(|registry| {
            registry
                .keys()
                .map(|(id, state)| (*id, state.clone()))
                .collect()
        })
        .await?;
    keys.sort_by_key(|(_, state)| state.issued_at);
    let today = ledger.today();
    let mut items = Vec::new();
    for (id, state) in keys.iter().skip(page.offset).take(page.items) {
        let frame = ledger.frame(state.issued_at)?;
        let issued_at = frame.map_or_else(Default::default, |frame| frame.header.recorded_at);
        items.push(key_view(*id, state, issued_at, today));
    }
    let position = ledger.views().position().unwrap_or(Position(0));
    let now = Moment {
        valid_on: today,
        known_at: Some(position),
    };
    Ok(Answer::of(&KeysView {
        items,
        next: page.next(CursorList::Keys, &now, keys.len()),
        position,
    }))
}

/// Revokes a key. It stays in the log, and so does what was done with it.
pub async fn revoke_key(call: Call) -> Result<Answer, Trouble> {
    let key: AccessKeyId = call.parameter("id")?;
    let command = Command::RevokeKey {
        key,
        reason: "revoked over the interface".to_owned(),
    };
    let written = call.service.ledger.write(&call.caller()?, command).await?;
    Ok(receipt(&written))
}
