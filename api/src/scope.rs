//! What a key may do, and what a restricted read is for.

use crate::schema::code_schema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Purpose of a restricted read (查询用途).
pub use probity_types::QueryPurpose as Purpose;

/// One permission of an access key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// 登记主体, register subjects.
    SubjectsWrite,
    /// 报送与更正信息, report, import, correct, void and annul records.
    RecordsWrite,
    /// 列入与移出名单, put on lists and end memberships.
    ListsWrite,
    /// 查询个人信息, read about persons, with a purpose and a basis.
    PersonsRead,
    /// 管理密钥, issue, list and revoke keys.
    KeysManage,
    /// 发布政策, adopt catalogue, packs and import profiles.
    PolicyWrite,
    /// 决定删除, decide erasures.
    ErasureDecide,
    /// 审计, read entries of every stream, for audit.
    AuditRead,
    /// 接收变更推送, follow the change feed.
    FeedRead,
    /// 报送文件待审, hand in files for review.
    RecordsSubmit,
    /// 审核本单位报送, decide on the files of the own agency.
    RecordsReview,
    /// 平台审核, decide for the platform.
    RecordsReviewPlatform,
}

/// A word that is no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not a scope; there are: {}", known_words())]
pub struct ScopeError {
    /// What was given, cut to 64 characters.
    pub found: String,
}

fn known_words() -> String {
    Scope::ALL.map(Scope::word).join(" ")
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 12] = [
        Self::SubjectsWrite,
        Self::RecordsWrite,
        Self::ListsWrite,
        Self::PersonsRead,
        Self::KeysManage,
        Self::PolicyWrite,
        Self::ErasureDecide,
        Self::AuditRead,
        Self::FeedRead,
        Self::RecordsSubmit,
        Self::RecordsReview,
        Self::RecordsReviewPlatform,
    ];

    /// The word that stands in keys, requests and the log.
    pub fn word(self) -> &'static str {
        match self {
            Self::SubjectsWrite => "subjects:write",
            Self::RecordsWrite => "records:write",
            Self::ListsWrite => "lists:write",
            Self::PersonsRead => "persons:read",
            Self::KeysManage => "keys:manage",
            Self::PolicyWrite => "policy:write",
            Self::ErasureDecide => "erasure:decide",
            Self::AuditRead => "audit:read",
            Self::FeedRead => "feed:read",
            Self::RecordsSubmit => "records:submit",
            Self::RecordsReview => "records:review",
            Self::RecordsReviewPlatform => "records:review-platform",
        }
    }

    /// What the scope allows, in Chinese.
    pub fn zh(self) -> &'static str {
        match self {
            Self::SubjectsWrite => "登记主体",
            Self::RecordsWrite => "报送、更正、作废与撤销信息",
            Self::ListsWrite => "列入与移出名单",
            Self::PersonsRead => "查询个人信息",
            Self::KeysManage => "管理密钥",
            Self::PolicyWrite => "发布政策",
            Self::ErasureDecide => "决定删除",
            Self::AuditRead => "审计查阅",
            Self::FeedRead => "接收变更推送",
            Self::RecordsSubmit => "报送文件待审",
            Self::RecordsReview => "审核本单位报送",
            Self::RecordsReviewPlatform => "平台审核",
        }
    }

    /// What the scope allows, in English.
    pub fn en(self) -> &'static str {
        match self {
            Self::SubjectsWrite => "register subjects",
            Self::RecordsWrite => "report, import, correct, void and annul records",
            Self::ListsWrite => "put on lists and end memberships",
            Self::PersonsRead => "read about persons, with a purpose and a basis",
            Self::KeysManage => "issue, list and revoke keys",
            Self::PolicyWrite => "adopt catalogue, packs and import profiles",
            Self::ErasureDecide => "decide erasures",
            Self::AuditRead => "read the entries of every stream, for audit",
            Self::FeedRead => "follow the change feed",
            Self::RecordsSubmit => "hand in files for review",
            Self::RecordsReview => "decide on the files of the own agency",
            Self::RecordsReviewPlatform => "decide on files for the platform",
        }
    }
}

impl FromStr for Scope {
    type Err = ScopeError;
    fn from_str(word: &str) -> Result<Self, ScopeError> {
        let found = || word.chars().take(64).collect();
        let known = Self::ALL.into_iter().find(|scope| scope.word() == word);
        known.ok_or_else(|| ScopeError { found: found() })
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.word())
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

code_schema!(
    Scope,
    "One permission of an access key.",
    |scope: &Scope| (scope.word(), scope.zh(), scope.en())
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_reads_back_from_its_word() {
        for scope in Scope::ALL {
            assert_eq!(scope.to_string().parse(), Ok(scope));
        }
    }

    #[test]
    fn an_unknown_scope_is_answered_with_those_there_are() {
        let error = "records:delete"
            .parse::<Scope>()
            .expect_err("nothing deletes");
        assert!(
            error
                .to_string()
                .ends_with("feed:read records:submit records:review records:review-platform")
        );
    }
}
