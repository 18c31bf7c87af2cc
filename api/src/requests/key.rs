//! Access keys.

use crate::schema::Date;
use crate::scope::Scope;
use probity_types::CivilDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// Issue an access key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyRequest {
    /// What it is for.
    #[schema(min_length = 1, max_length = 64)]
    pub label: String,
    /// Agency whose key it is.
    #[schema(min_length = 1, max_length = 200)]
    pub agency: String,
    /// What it may do. Nobody gives a key a scope that their own lacks.
    #[schema(min_items = 1)]
    pub scopes: BTreeSet<Scope>,
    /// Last day on which it opens; left out = until revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Date>, nullable = false)]
    pub expires_on: Option<CivilDate>,
}
