//! Stylesheet, icon and scripts. Their address changes with their content, so that they can be kept for ever.

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use probity_pages::{ASSET_VERSION, CSS, FAVICON_SVG, script};

/// Folder of the present version.
pub fn base() -> String {
    format!("/assets/{}", *ASSET_VERSION)
}

/// One asset. An address of another version gets the present content, to be asked for again.
pub async fn send(Path((version, name)): Path<(String, String)>, asked: HeaderMap) -> Response {
    let (kind, content) = match name.as_str() {
        "probity.css" => ("text/css; charset=utf-8", CSS),
        "favicon.svg" => ("image/svg+xml", FAVICON_SVG),
        name => match script(name) {
            Some(text) => ("text/javascript; charset=utf-8", text),
            None => return StatusCode::NOT_FOUND.into_response(),
        },
    };
    let tag = format!("\"{}\"", *ASSET_VERSION);
    let is_known = asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .any(|value| value.as_bytes() == tag.as_bytes());
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        content.into_response()
    };
    let kept = if version == *ASSET_VERSION {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}
