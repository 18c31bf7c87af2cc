//! The log's head, the server's health, problem types.

use super::Bilingual;
use crate::problem_types::ProblemType;
use crate::schema::{Date, HashHex, Id, Instant};
use probity_types::{CivilDate, LogId, Position, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// How far the log reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HeadView {
    /// The log's id.
    #[schema(value_type = Id)]
    pub log: LogId,
    /// The log's name.
    pub origin: String,
    /// Last position.
    #[schema(value_type = u64)]
    pub position: Position,
    /// Number of entries.
    pub entries: u64,
    /// Hash of the last entry; it covers every entry before.
    #[schema(value_type = HashHex)]
    pub entry_hash: String,
    /// When the last entry was recorded.
    #[schema(value_type = Instant)]
    pub recorded_at: Timestamp,
    /// Today in Asia/Shanghai: the `valid_on` of reads that name none.
    #[schema(value_type = Date)]
    pub valid_on: CivilDate,
    /// The day the register began; before it there is no knowledge, which is not the same as no record.
    #[schema(value_type = Date)]
    pub began_on: CivilDate,
    /// Position that the views have reached.
    #[schema(value_type = u64)]
    pub views_position: Position,
}

/// The process runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HealthView {
    /// Always `true`; a process that does not run does not answer.
    pub is_alive: bool,
    /// Version of the program.
    pub version: String,
}

/// Whether requests are taken, and what stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReadyView {
    /// Whether requests are taken; `false` comes with status 503.
    pub is_ready: bool,
    /// Green: every check passes. Yellow: requests are taken, something needs a person. Red: not ready.
    pub light: Light,
    /// Position that the views have reached.
    #[schema(value_type = u64)]
    pub position: Position,
    /// Each check.
    pub checks: Vec<CheckView>,
}

/// How it stands, at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Light {
    /// Every check passes.
    Green,
    /// Requests are taken; a check that does not stand in their way fails.
    Yellow,
    /// Requests are not taken.
    Red,
}

/// One check of readiness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CheckView {
    /// What is checked, for example `clock`, `disk`, `views`, `rewinding`.
    pub name: String,
    /// Whether it passes.
    pub passes: bool,
    /// What was found.
    pub detail: Bilingual,
}

/// An entry of the problem registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProblemView {
    /// Type URI.
    #[serde(rename = "type")]
    pub type_uri: String,
    /// Stable code.
    pub code: ProblemType,
    /// HTTP status.
    pub status: u16,
    /// Title.
    pub title: Bilingual,
    /// What it means and what to do.
    pub about: Bilingual,
}

impl From<ProblemType> for ProblemView {
    fn from(kind: ProblemType) -> Self {
        Self {
            type_uri: kind.uri().to_owned(),
            code: kind,
            status: kind.status(),
            title: Bilingual::new(kind.title_zh(), kind.title()),
            about: Bilingual::new(kind.about_zh(), kind.about()),
        }
    }
}
