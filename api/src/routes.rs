//! The one table of routes: what there is, who may use it, what a request has to carry, how often.

use crate::problem_types::ProblemType as P;
use crate::scope::Scope;

/// HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// Read.
    Get,
    /// Write, or read with a body.
    Post,
    /// Revoke. Nothing is ever deleted.
    Delete,
}

impl Method {
    /// The method's name, in upper case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Public,
    /// Holders of a key with this scope.
    Key(Scope),
    /// Holders of a key with one of these scopes.
    AnyKey(&'static [Scope]),
    /// Holders of a key with this scope who name a purpose and a basis; every such read is recorded.
    KeyForPurpose(Scope),
    /// Everybody for what the publicity profile opens about organisations. For anything else a key with this scope,
    /// a purpose and a basis; without them the answer is the same as if there were nothing.
    PublicOrganisationsElseKey(Scope),
}

impl Access {
    /// The scopes of which a key needs one here; none where no key is asked for.
    pub fn scopes(self) -> Vec<Scope> {
        match self {
            Self::Public => Vec::new(),
            Self::AnyKey(scopes) => scopes.to_vec(),
            Self::Key(scope)
            | Self::KeyForPurpose(scope)
            | Self::PublicOrganisationsElseKey(scope) => vec![scope],
        }
    }
}

/// Which limit of requests a route counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RateClass {
    /// Probes and metrics: not limited.
    Probe,
    /// Reads of one thing or one page.
    Read,
    /// Searches and look-ups, limited more tightly.
    Search,
    /// Look-ups of practitioners, limited most tightly: nobody finds a number by trying.
    Lookup,
    /// Writes.
    Write,
    /// Imports of files: few at a time.
    Bulk,
    /// Long-lived streams: counted by open connections.
    Stream,
    /// Checkpoints and tiles, public and made for caches: not limited.
    Tile,
}

/// Which headers a request has to carry besides its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preconditions {
    /// None.
    None,
    /// `Idempotency-Key`.
    IdempotencyKey,
    /// `Idempotency-Key`, and in `If-Match` the revision that the caller saw.
    IdempotencyKeyAndRevision,
}

/// One route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// Method.
    pub method: Method,
    /// Path with parameters in braces.
    pub path: &'static str,
    /// Operation id, `<verb>_<resource>`, the same as the handler's and the use case's name.
    pub operation: &'static str,
    /// Who may use it.
    pub access: Access,
    /// Which limit it counts against.
    pub rate: RateClass,
    /// Which headers it needs.
    pub preconditions: Preconditions,
}

const fn open(
    method: Method,
    path: &'static str,
    operation: &'static str,
    rate: RateClass,
) -> Route {
    Route {
        method,
        path,
        operation,
        access: Access::Public,
        rate,
        preconditions: Preconditions::None,
    }
}

const fn guarded(path: &'static str, operation: &'static str, scope: Scope) -> Route {
    let access = Access::PublicOrganisationsElseKey(scope);
    let (method, rate) = (Method::Get, RateClass::Read);
    Route {
        method,
        path,
        operation,
        access,
        rate,
        preconditions: Preconditions::None,
    }
}

const fn write(path: &'static str, operation: &'static str, scope: Scope) -> Route {
    let (method, rate) = (Method::Post, RateClass::Write);
    let preconditions = Preconditions::IdempotencyKey;
    Route {
        method,
        path,
        operation,
        access: Access::Key(scope),
        rate,
        preconditions,
    }
}

const fn change(path: &'static str, operation: &'static str, scope: Scope) -> Route {
    Route {
        preconditions: Preconditions::IdempotencyKeyAndRevision,
        ..write(path, operation, scope)
    }
}

const fn keyed(
    path: &'static str,
    operation: &'static str,
    scope: Scope,
    rate: RateClass,
) -> Route {
    Route {
        access: Access::Key(scope),
        ..open(Method::Get, path, operation, rate)
    }
}

/// Who works with submissions.
const DESK: &[Scope] = &[
    Scope::RecordsSubmit,
    Scope::RecordsReview,
    Scope::RecordsReviewPlatform,
];

const fn desk(path: &'static str, operation: &'static str, rate: RateClass) -> Route {
    Route {
        access: Access::AnyKey(DESK),
        ..open(Method::Get, path, operation, rate)
    }
}

const fn tile(path: &'static str, operation: &'static str) -> Route {
    open(Method::Get, path, operation, RateClass::Tile)
}

/// Every route there is.
pub const ROUTES: &[Route] = &[
    tile("/log/checkpoint", "read_checkpoint"),
    tile("/log/vkey", "read_vkey"),
    tile("/log/tile/{level}/{*index}", "read_tile"),
    open(
        Method::Get,
        "/v1/signing-keys",
        "list_signing_keys",
        RateClass::Read,
    ),
    open(
        Method::Get,
        "/v1/consistency",
        "prove_consistency",
        RateClass::Read,
    ),
    open(Method::Get, "/v1/head", "read_head", RateClass::Read),
    guarded("/v1/entries/{position}", "read_entry", Scope::AuditRead),
    open(
        Method::Get,
        "/v1/entries/{position}/proof",
        "prove_inclusion",
        RateClass::Read,
    ),
    open(
        Method::Get,
        "/v1/entries/{position}/tlog-proof",
        "read_tlog_proof",
        RateClass::Read,
    ),
    keyed(
        "/v1/segments",
        "list_segments",
        Scope::AuditRead,
        RateClass::Read,
    ),
    Route {
        access: Access::KeyForPurpose(Scope::AuditRead),
        ..open(
            Method::Get,
            "/v1/segments/{file}",
            "read_segment",
            RateClass::Read,
        )
    },
    open(
        Method::Get,
        "/v1/subjects",
        "list_subjects",
        RateClass::Search,
    ),
    Route {
        method: Method::Post,
        rate: RateClass::Search,
        ..guarded("/v1/subjects/search", "search_subjects", Scope::PersonsRead)
    },
    open(
        Method::Post,
        "/v1/practitioners/lookup",
        "lookup_practitioner",
        RateClass::Lookup,
    ),
    guarded("/v1/subjects/{id}", "read_subject", Scope::PersonsRead),
    guarded(
        "/v1/subjects/{id}/timeline",
        "read_timeline",
        Scope::PersonsRead,
    ),
    guarded(
        "/v1/subjects/{id}/status",
        "read_status",
        Scope::PersonsRead,
    ),
    guarded(
        "/v1/subjects/{id}/records",
        "list_records",
        Scope::PersonsRead,
    ),
    open(
        Method::Get,
        "/v1/organisations/{credit_code}/status",
        "read_organisation_status",
        RateClass::Read,
    ),
    open(Method::Get, "/v1/lists", "list_lists", RateClass::Read),
    guarded(
        "/v1/lists/{list}/members",
        "list_members",
        Scope::PersonsRead,
    ),
    write("/v1/subjects", "register_subject", Scope::SubjectsWrite),
    write("/v1/records", "report_record", Scope::RecordsWrite),
    guarded("/v1/records/{id}", "read_record", Scope::PersonsRead),
    guarded("/v1/records/{id}/bundle", "read_bundle", Scope::PersonsRead),
    change(
        "/v1/records/{id}/compensations",
        "compensate_record",
        Scope::RecordsWrite,
    ),
    write("/v1/listings", "report_listing", Scope::ListsWrite),
    change("/v1/listings/{id}/end", "end_listing", Scope::ListsWrite),
    Route {
        rate: RateClass::Bulk,
        ..write("/v1/imports", "import_file", Scope::RecordsWrite)
    },
    write("/v1/keys", "issue_key", Scope::KeysManage),
    keyed("/v1/keys", "list_keys", Scope::KeysManage, RateClass::Read),
    Route {
        method: Method::Delete,
        ..write("/v1/keys/{id}", "revoke_key", Scope::KeysManage)
    },
    open(
        Method::Get,
        "/v1/catalogue",
        "read_catalogue",
        RateClass::Read,
    ),
    keyed(
        "/v1/feed",
        "follow_feed",
        Scope::FeedRead,
        RateClass::Stream,
    ),
    open(
        Method::Get,
        "/v1/openapi.json",
        "read_openapi",
        RateClass::Read,
    ),
    open(
        Method::Get,
        "/problems/{code}",
        "read_problem",
        RateClass::Read,
    ),
    open(Method::Get, "/healthz", "check_health", RateClass::Probe),
    open(Method::Get, "/readyz", "check_readiness", RateClass::Probe),
    open(Method::Get, "/metrics", "read_metrics", RateClass::Probe),
    open(
        Method::Get,
        "/v1/due-dates",
        "read_due_date",
        RateClass::Read,
    ),
    open(
        Method::Get,
        "/v1/calendars",
        "list_calendars",
        RateClass::Read,
    ),
    Route {
        access: Access::KeyForPurpose(Scope::FeedRead),
        ..open(
            Method::Get,
            "/v1/feed/pages",
            "read_feed_page",
            RateClass::Read,
        )
    },
    write(
        "/v1/feed/acknowledgements",
        "acknowledge_feed",
        Scope::FeedRead,
    ),
    write("/v1/recipients", "admit_recipient", Scope::PolicyWrite),
    open(
        Method::Get,
        "/v1/recipients",
        "list_recipients",
        RateClass::Search,
    ),
    open(
        Method::Get,
        "/v1/catalogue/dictionary",
        "read_dictionary",
        RateClass::Read,
    ),
    open(
        Method::Get,
        "/v1/catalogue/{subcategory}",
        "read_subcategory",
        RateClass::Read,
    ),
    open(
        Method::Get,
        "/v1/catalogue/{subcategory}/template.xlsx",
        "read_template",
        RateClass::Read,
    ),
    Route {
        rate: RateClass::Bulk,
        ..write("/v1/submissions", "submit_file", Scope::RecordsSubmit)
    },
    desk("/v1/submissions", "list_submissions", RateClass::Read),
    desk("/v1/submissions/{id}", "read_submission", RateClass::Search),
    Route {
        access: Access::AnyKey(&[Scope::RecordsReview, Scope::RecordsReviewPlatform]),
        ..write(
            "/v1/submissions/{id}/review",
            "review_submission",
            Scope::RecordsReview,
        )
    },
    write(
        "/v1/submissions/{id}/withdraw",
        "withdraw_submission",
        Scope::RecordsSubmit,
    ),
    desk(
        "/v1/submissions/{id}/receipt.csv",
        "read_receipt",
        RateClass::Read,
    ),
    desk("/v1/lateness", "list_lateness", RateClass::Read),
    write(
        "/v1/subjects/{id}/names",
        "rename_subject",
        Scope::SubjectsWrite,
    ),
    write(
        "/v1/subjects/{id}/certificates",
        "record_certificate",
        Scope::SubjectsWrite,
    ),
    write("/v1/confirmations", "confirm_code", Scope::SubjectsWrite),
    open(
        Method::Post,
        "/v1/organisations/lookup",
        "lookup_organisations",
        RateClass::Search,
    ),
    keyed(
        "/v1/pending/{id}",
        "read_pending",
        Scope::RecordsWrite,
        RateClass::Read,
    ),
    write("/v1/pending/{id}/link", "link_pending", Scope::RecordsWrite),
    write(
        "/v1/pending/{id}/rejections",
        "reject_candidate",
        Scope::RecordsWrite,
    ),
    write(
        "/v1/pending/{id}/decision",
        "decide_quarantine",
        Scope::ErasureDecide,
    ),
];

/// Reads that name no position to wait for.
const TIMELESS: [&str; 15] = [
    "/v1/consistency",
    "/v1/entries/{position}/proof",
    "/v1/entries/{position}/tlog-proof",
    "/v1/head",
    "/v1/keys",
    "/v1/lateness",
    "/v1/openapi.json",
    "/v1/recipients",
    "/v1/pending/{id}",
    "/v1/segments",
    "/v1/segments/{file}",
    "/v1/signing-keys",
    "/v1/submissions",
    "/v1/submissions/{id}",
    "/v1/submissions/{id}/receipt.csv",
];

/// Operations that rest on a published checkpoint.
const PROVING: [&str; 8] = [
    "list_signing_keys",
    "prove_consistency",
    "prove_inclusion",
    "read_bundle",
    "read_checkpoint",
    "read_tile",
    "read_tlog_proof",
    "read_vkey",
];

impl Route {
    /// The route of an operation.
    pub fn of(operation: &str) -> Option<&'static Self> {
        ROUTES.iter().find(|route| route.operation == operation)
    }

    /// The path as the interface document writes it: a rest of several parts is a parameter like others there.
    pub fn documented_path(&self) -> String {
        self.path.replace("{*", "{")
    }

    /// The types of problem that the route may answer with, besides those of its own rules.
    pub fn problems(&self) -> Vec<P> {
        let mut problems = Vec::new();
        match self.rate {
            RateClass::Probe => {}
            RateClass::Tile => problems.push(P::Internal),
            _ => problems.extend([P::TooManyRequests, P::Internal]),
        }
        if PROVING.contains(&self.operation) {
            problems.push(P::NoCheckpoint);
        }
        if self.path.contains('{') {
            problems.extend([P::InvalidPath, P::NotFound, P::IdentityNumberInAddress]);
        }
        if self.method == Method::Get && self.path.starts_with("/v1/") {
            problems.extend([P::InvalidQuery, P::IdentityNumberInAddress]);
            if !TIMELESS.contains(&self.path) {
                problems.push(P::PositionAhead);
            }
        }
        if self.method == Method::Post {
            problems.push(P::PayloadTooLarge);
            let is_file = self.rate == RateClass::Bulk;
            problems.extend(if is_file {
                [P::InvalidQuery, P::InvalidFile]
            } else {
                [P::MalformedJson, P::UnsupportedMediaType]
            });
        }
        match self.access {
            Access::Public => {}
            Access::Key(_) | Access::AnyKey(_) => problems.extend([P::Unauthorized, P::Forbidden]),
            Access::KeyForPurpose(_) | Access::PublicOrganisationsElseKey(_) => {
                problems.extend([P::Unauthorized, P::Forbidden, P::PurposeRequired]);
            }
        }
        if self.preconditions != Preconditions::None {
            problems.extend([
                P::IdempotencyKeyRequired,
                P::IdempotencyKeyReused,
                P::UnitTooLarge,
            ]);
            problems.extend([
                P::Busy,
                P::ClockRefused,
                P::StorageFull,
                P::OutcomeUnknown,
                P::Stopping,
                P::Unwitnessed,
            ]);
        }
        if self.preconditions == Preconditions::IdempotencyKeyAndRevision {
            problems.extend([P::IfMatchRequired, P::RevisionConflict, P::Erased]);
        }
        problems.sort();
        problems.dedup();
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_route_and_operation_stands_once() {
        let routes: BTreeSet<_> = ROUTES
            .iter()
            .map(|route| (route.path, route.method))
            .collect();
        let operations: BTreeSet<_> = ROUTES.iter().map(|route| route.operation).collect();
        assert_eq!(
            (routes.len(), operations.len()),
            (ROUTES.len(), ROUTES.len())
        );
    }

    #[test]
    fn every_write_needs_a_key_and_an_idempotency_key() {
        for route in ROUTES {
            let is_write = matches!(route.rate, RateClass::Write | RateClass::Bulk);
            assert_eq!(
                is_write,
                route.preconditions != Preconditions::None,
                "{}",
                route.path
            );
            assert!(
                !is_write || matches!(route.access, Access::Key(_) | Access::AnyKey(_)),
                "{}",
                route.path
            );
        }
    }
}
