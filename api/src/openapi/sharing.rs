//! Documentation of the routes of database sharing. No function here is ever called.
#![allow(dead_code, reason = "the functions carry the text of the interface")]

use crate::problem::Problem;
use crate::query::{FeedPageQuery, PageQuery};
use crate::requests::{AcknowledgementRequest, RecipientRequest};
use crate::views::{FeedPageView, ReceiptView, RecipientsView};

/// A page of the feed for a recipient
///
/// For the keys of an agency that was admitted as a recipient, with `feed:read` and `persons:read`: what happened in its
/// scope from a position on, with the content as it stands now. The purpose has to be the one of its admission. What leaves
/// is recorded before it does. Ask again from `next`; a page whose `next` lies behind its `position` is the last one.
#[utoipa::path(get, path = "/v1/feed/pages", tag = "operations", params(FeedPageQuery),
    responses((status = 200, body = FeedPageView, description = "the page")))]
fn read_feed_page() {}

/// Acknowledge the feed
///
/// The caller's own database holds everything of its scope up to a position. A receipt that leaves out a withdrawal on the
/// way there is refused, and names the first one.
#[utoipa::path(post, path = "/v1/feed/acknowledgements", tag = "operations", request_body = AcknowledgementRequest,
    responses((status = 201, body = ReceiptView, description = "recorded"),
        (status = 200, body = ReceiptView, description = "an earlier request answered again"),
        (status = 422, body = Problem, content_type = "application/problem+json",
            description = "a withdrawal is left out, or the position lies before the last receipt or behind the head")))]
fn acknowledge_feed() {}

/// Admit a recipient
///
/// Names an agency, its purpose and basis, and the classes and lists that its database takes over.
#[utoipa::path(post, path = "/v1/recipients", tag = "operations", request_body = RecipientRequest,
    responses((status = 201, body = ReceiptView, description = "admitted"),
        (status = 200, body = ReceiptView, description = "an earlier request answered again"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "the rules refuse it")))]
fn admit_recipient() {}

/// Recipients
///
/// Who takes data over, what for, how far each has come, and who has not acknowledged a withdrawal in time. Public.
#[utoipa::path(get, path = "/v1/recipients", tag = "operations", params(PageQuery),
    responses((status = 200, body = RecipientsView, description = "one page of recipients")))]
fn list_recipients() {}
