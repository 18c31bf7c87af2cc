//! What can go wrong with a page, and the page that says so.

use axum::http::StatusCode;
use probity_log::WalkError;
use probity_pages::{BadValue, ErrorKind, ErrorView, Lang, Shell};

/// Why there is no page.
#[derive(Debug)]
pub enum Trouble {
    /// A value is not what it should be.
    BadRequest(BadValue),
    /// No such page, subject, list or entry; or one that is not public, which answers alike.
    NotFound,
    /// Too many requests; seconds after which another makes sense.
    TooMany(u64),
    /// A fault of ours; the log says which.
    Internal,
}

impl Trouble {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::BadRequest(_) => ErrorKind::BadRequest,
            Self::NotFound => ErrorKind::NotFound,
            Self::TooMany(_) => ErrorKind::TooManyRequests,
            Self::Internal => ErrorKind::Internal,
        }
    }

    /// Status of the answer.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.kind().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Seconds after which another try makes sense.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::TooMany(seconds) => Some(*seconds),
            Self::BadRequest(_) | Self::NotFound | Self::Internal => None,
        }
    }

    /// The page.
    pub fn view(&self, lang: Lang, shell: Shell) -> ErrorView {
        let detail = match self {
            Self::BadRequest(value) => Some(value.text(lang).to_owned()),
            Self::NotFound | Self::TooMany(_) | Self::Internal => None,
        };
        ErrorView {
            shell,
            kind: self.kind(),
            detail,
            retry_after_seconds: self.retry_after_seconds(),
            request_id: None,
        }
    }
}

impl From<WalkError> for Trouble {
    fn from(error: WalkError) -> Self {
        tracing::error!(error = %probity_app::folder::describe(&error), "an entry could not be read");
        Self::Internal
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use probity_pages::render;

    #[test]
    fn every_trouble_has_its_page_in_both_languages_and_names_no_internals() {
        for (trouble, status, zh, en) in [
            (
                Trouble::BadRequest(BadValue::Day),
                400,
                "要填一个日期",
                "takes a day",
            ),
            (Trouble::NotFound, 404, "没有这个页面", "no such page"),
            (Trouble::TooMany(7), 429, "7 秒后再试", "in 7 seconds"),
            (Trouble::Internal, 500, "系统出错了", "wrong on our side"),
        ] {
            assert_eq!(trouble.status().as_u16(), status);
            for (lang, said) in [(Lang::Zh, zh), (Lang::En, en)] {
                let view = trouble.view(lang, Shell::default());
                let page = render(&view, lang).expect("it renders");
                assert!(page.contains(said), "{status} {}", lang.tag());
                assert!(!page.contains("Trouble") && !page.contains("WalkError"));
            }
        }
    }
}
