//! Access keys.

use super::ReceiptView;
use crate::cursor::Cursor;
use crate::schema::{Date, Id, Instant, PageCursor};
use crate::scope::Scope;
use probity_types::{AccessKeyId, CivilDate, Position, Timestamp};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;
use utoipa::ToSchema;

/// A key just issued. The secret is shown this once; only its hash is kept.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeyIssuedView {
    /// Public name of the key.
    #[schema(value_type = Id)]
    pub key: AccessKeyId,
    /// What to send after `Bearer `; null where an earlier request is answered again.
    pub secret: Option<String>,
    /// The receipt.
    pub receipt: ReceiptView,
}

/// Shows the public name only.
impl fmt::Debug for KeyIssuedView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyIssuedView")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// A key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeyView {
    /// Public name of the key.
    #[schema(value_type = Id)]
    pub key: AccessKeyId,
    /// What it is for.
    pub label: String,
    /// Agency whose key it is.
    pub agency: String,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
    /// Last day on which it opens, null = until revoked.
    #[schema(value_type = Option<Date>)]
    pub expires_on: Option<CivilDate>,
    /// A key of the demonstration city, known to everybody.
    pub is_demo: bool,
    /// Whether it opens today.
    pub is_active: bool,
    /// Where it was issued.
    #[schema(value_type = u64)]
    pub issued_position: Position,
    /// When it was issued.
    #[schema(value_type = Instant)]
    pub issued_at: Timestamp,
    /// Where it was revoked.
    #[schema(value_type = Option<u64>)]
    pub revoked_position: Option<Position>,
}

/// A page of keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeysView {
    /// Keys in the order in which they were issued.
    pub items: Vec<KeyView>,
    /// Cursor of the next page, null at the end.
    #[schema(value_type = Option<PageCursor>)]
    pub next: Option<Cursor>,
    /// Where it was read.
    #[schema(value_type = u64)]
    pub position: Position,
}
