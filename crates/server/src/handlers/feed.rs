//! The feed: one frame per entry, as lines of JSON or as server-sent events. It does not end.
//!
//! Rows of a batch show once the batch is complete; until then the feed names the positions it leaves out, so that a
//! follower knows which to read later.

use crate::call::Call;
use crate::errors::Trouble;
use crate::handlers::log::{is_public, subject_of};
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use probity_api::{Bilingual, EVENT_STREAM, FeedItem, FeedQuery, NDJSON, ProblemType};
use probity_app::{Ledger, Sight};
use probity_domain::Entry;
use probity_format::events::StreamKind;
use probity_types::Position;
use std::time::Duration;
use tokio::sync::mpsc::{self, Sender};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;

/// Frames that wait for a slow follower before reading stops.
const FRAMES_MAX: usize = 256;
/// How long the log is quiet before the feed says so.
const IDLE: Duration = Duration::from_secs(10);

/// Header in which a client of server-sent events names the last event it saw.
const LAST_EVENT_ID: &str = "Last-Event-ID";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Lines,
    Events,
}

fn write(item: &FeedItem, form: Form) -> Result<Bytes, serde_json::Error> {
    let json = serde_json::to_string(item)?;
    let text = match (form, item) {
        (Form::Lines, _) => format!("{json}\n"),
        (Form::Events, FeedItem::Entry { position, .. }) => {
            format!("id: {position}\nevent: entry\ndata: {json}\n\n")
        }
        (Form::Events, FeedItem::Gap { .. }) => format!("event: gap\ndata: {json}\n\n"),
        (Form::Events, FeedItem::Head { .. }) => format!("event: head\ndata: {json}\n\n"),
    };
    Ok(Bytes::from(text))
}

/// Whether an entry shows already: not while it is a row of a batch that is not complete.
pub(super) fn is_shown(ledger: &Ledger, entry: &Entry) -> bool {
    if entry.header.stream_kind != StreamKind::Subject as u16 {
        return true;
    }
    let views = ledger.views();
    let subject = subject_of(entry).and_then(|subject| views.directory().index(&subject));
    subject.is_some_and(|subject| {
        let positions = views.timeline().of(subject);
        positions.binary_search(&entry.header.position).is_ok()
    })
}

fn frame(ledger: &Ledger, entry: &Entry) -> FeedItem {
    let is_public = is_public(ledger, entry);
    FeedItem::Entry {
        position: entry.header.position,
        recorded_at: entry.header.recorded_at,
        event: entry.event.name().to_owned(),
        event_zh: entry.event.zh().to_owned(),
        subject: subject_of(entry).filter(|_| is_public),
        entry_hash: entry.hash.to_string(),
        body: is_public.then(|| entry.event.to_json()),
    }
}

struct Follower {
    ledger: Ledger,
    next: Position,
    gap: Option<Position>,
    out: Sender<Result<Bytes, std::io::Error>>,
    form: Form,
}

impl Follower {
    /// Sends one frame; `false` where nobody listens any more.
    async fn send(&self, item: &FeedItem) -> bool {
        let bytes = write(item, self.form).map_err(std::io::Error::other);
        self.out.send(bytes).await.is_ok()
    }

    async fn close_gap(&mut self) -> bool {
        let Some(from) = self.gap.take() else {
            return true;
        };
        let reason = Bilingual::new(
            "属于尚未完成的批次，完成后请逐条读取",
            "rows of a batch that is not complete; read them one by one once it is",
        );
        let gap = FeedItem::Gap {
            from,
            resumes_at: self.next,
            reason,
        };
        self.send(&gap).await
    }

    /// Sends what the views have; `false` where the stream ends.
    async fn catch_up(&mut self) -> bool {
        loop {
            if self.ledger.views().position() < Some(self.next) {
                return self.close_gap().await;
            }
            let entry = match self.ledger.entry_seen(self.next, Sight::Public) {
                Ok(Some(entry)) => entry,
                Ok(None) => return self.close_gap().await,
                Err(error) => {
                    tracing::error!(error = %probity_app::folder::describe(&error), "the feed stopped at an entry that does not read");
                    return false;
                }
            };
            if is_shown(&self.ledger, &entry) {
                let frame = frame(&self.ledger, &entry);
                if !self.close_gap().await || !self.send(&frame).await {
                    return false;
                }
            } else {
                self.gap.get_or_insert(self.next);
            }
            self.next = self.next.next();
        }
    }

    async fn run(mut self, mut stopping: tokio::sync::watch::Receiver<bool>) {
        let mut head = self.ledger.log.head();
        while self.catch_up().await && !*stopping.borrow() {
            tokio::select! {
                moved = tokio::time::timeout(IDLE, head.changed()) => match moved {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) => return,
                    Err(_) => {
                        let position = self.ledger.views().position().unwrap_or_default();
                        if !self.send(&FeedItem::Head { position }).await {
                            return;
                        }
                    }
                },
                _ = stopping.changed() => return,
            }
        }
    }
}

/// Follows the log from a position on.
pub async fn follow_feed(call: Call) -> Result<Response, Trouble> {
    let ledger = call.service.ledger.clone();
    let query: FeedQuery = call.query()?;
    let text = |name: &str| call.headers.get(name).and_then(|value| value.to_str().ok());
    let wants_events = text("accept").is_some_and(|accept| accept.contains(EVENT_STREAM));
    let last_seen = text(LAST_EVENT_ID)
        .and_then(|id| id.parse().ok())
        .map(Position);
    let after_head = ledger
        .views()
        .position()
        .map_or(Position(0), Position::next);
    let next = query
        .from
        .or(last_seen.map(Position::next))
        .unwrap_or(after_head);
    if next > after_head {
        return Err(Trouble::of(ProblemType::PositionAhead));
    }
    let Some(place) = call.service.limits.open_stream() else {
        return Err(Trouble::later(30));
    };
    let (form, kind) = if wants_events {
        (Form::Events, EVENT_STREAM)
    } else {
        (Form::Lines, NDJSON)
    };
    let (out, frames) = mpsc::channel(FRAMES_MAX);
    let follower = Follower {
        ledger,
        next,
        gap: None,
        out,
        form,
    };
    let stopping = call.service.stopping.clone();
    tokio::spawn(async move {
        follower.run(stopping).await;
        drop(place);
    });
    let stream = ReceiverStream::new(frames).map(|frame| frame);
    Ok(([(header::CONTENT_TYPE, kind)], Body::from_stream(stream)).into_response())
}
