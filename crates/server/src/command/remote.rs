//! A file to a running server, over the interface that everybody uses.

use super::import::{Told, Unread, line};
use super::output;
use probity_app::import::{Ending, ImportOrder, Summary};
use serde_json::Value;
use std::io::Cursor;
use std::time::Duration;
use ureq::SendBody;
use ureq::http::{Response, StatusCode};
use ureq::tls::{RootCerts, TlsConfig};

/// How long a server may take to take the connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a busy server is asked again.
pub(super) const TRIES_MAX: u32 = 6;
/// Longest wait between two tries, whatever the server asks for.
const WAIT_SECONDS_MAX: u64 = 30;
/// Largest answer that is read: row errors are listed up to a bound that stays below it.
const ANSWER_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Context string of request names.
const REQUEST_CONTEXT: &str = "probity 2026 import request v1";

/// Names the request, so that sending it again after a lost answer is one import.
fn request_name(bytes: &[u8], order: &ImportOrder) -> String {
    let mut hasher = blake3::Hasher::new_derive_key(REQUEST_CONTEXT);
    let profile = order.profile.as_deref().unwrap_or_default();
    hasher.update(&(profile.len() as u64).to_le_bytes());
    hasher.update(profile.as_bytes());
    hasher.update(&[u8::from(order.rehearse), u8::from(order.accept_good_rows)]);
    hasher.update(bytes);
    hasher.finalize().to_hex().to_string()
}

/// A client that takes no redirection and believes the platform's certificates.
pub(crate) fn agent() -> ureq::Agent {
    // Fails only where one is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let roots = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier);
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        // A redirection would take the key elsewhere.
        .max_redirects(0)
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .tls_config(roots.build())
        .build()
        .into()
}

/// A server's address without a slash at its end.
pub(super) fn base_of(server: &str) -> Result<String, Unread> {
    let base = server.trim_end_matches('/');
    if base.starts_with("http://") || base.starts_with("https://") {
        return Ok(base.to_owned());
    }
    Err(Unread::not_run(
        "server.address",
        format!("--server 应为 http:// 或 https:// 开头的网址，现为 {server}"),
        format!("--server takes an address with http:// or https://, not {server}"),
    ))
}

/// Sends a file; asks a busy server again.
pub(super) fn import(
    server: &str,
    key: &str,
    bytes: &[u8],
    order: &ImportOrder,
) -> Result<Told, Unread> {
    let base = &base_of(server)?;
    let agent = agent();
    let mut tries = 1;
    loop {
        let mut answer = send(&agent, base, key, bytes, order)?;
        let wait = retry_after(&answer).filter(|_| tries < TRIES_MAX);
        let Some(seconds) = wait else {
            return read(&mut answer);
        };
        eprintln!(
            "服务器繁忙，{seconds} 秒后重试 · the server is busy, trying again in {seconds} s"
        );
        std::thread::sleep(Duration::from_secs(seconds));
        tries += 1;
    }
}

fn send(
    agent: &ureq::Agent,
    base: &str,
    key: &str,
    bytes: &[u8],
    order: &ImportOrder,
) -> Result<Response<ureq::Body>, Unread> {
    let bar = output::bar("发送 · sending");
    bar.set_length(bytes.len() as u64);
    let body = bar.wrap_read(Cursor::new(bytes.to_vec()));
    let mut request = agent
        .post(format!("{base}/v1/imports"))
        .header("Authorization", format!("Bearer {key}"))
        .header("Idempotency-Key", request_name(bytes, order))
        .header("Content-Length", bytes.len().to_string())
        .content_type("application/octet-stream");
    if let Some(profile) = &order.profile {
        request = request.query("profile", profile);
    }
    for (name, wanted) in [
        ("rehearse", order.rehearse),
        ("accept_good_rows", order.accept_good_rows),
    ] {
        if wanted {
            request = request.query(name, "true");
        }
    }
    let answer = request.send(SendBody::from_owned_reader(body));
    bar.finish_and_clear();
    answer.map_err(|error| {
        Unread::not_run(
            "server.unreachable",
            format!("无法从 {base} 得到答复；结果未知，可用同一命令重试：{error}"),
            format!("no answer from {base}; the outcome is not known, the same command may be tried again: {error}"),
        )
    })
}

/// Seconds after which a busy server wants to be asked again.
pub(super) fn retry_after(answer: &Response<ureq::Body>) -> Option<u64> {
    let is_busy = matches!(
        answer.status(),
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS
    );
    let header = answer.headers().get("Retry-After").filter(|_| is_busy)?;
    let seconds: u64 = header.to_str().ok()?.trim().parse().ok()?;
    Some(seconds.clamp(1, WAIT_SECONDS_MAX))
}

fn read(answer: &mut Response<ureq::Body>) -> Result<Told, Unread> {
    let status = answer.status();
    let text = answer
        .body_mut()
        .with_config()
        .limit(ANSWER_BYTES_MAX)
        .read_to_string();
    let unreadable = |why: &dyn std::fmt::Display| {
        Unread::not_run(
            "server.answer",
            format!("服务器的答复无法读取（状态 {status}）：{why}"),
            format!("the server's answer does not read (status {status}): {why}"),
        )
    };
    let text = text.map_err(|error| unreadable(&error))?;
    let body: Value = serde_json::from_str(&text).map_err(|error| unreadable(&error))?;
    if !status.is_success() {
        return Err(problem(status, &body));
    }
    told(&body).ok_or_else(|| unreadable(&"a member is missing"))
}

/// A problem document. What concerns the file is a refusal; the rest is that it could not be tried.
fn problem(status: StatusCode, body: &Value) -> Unread {
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    let about_the_file = [
        StatusCode::PAYLOAD_TOO_LARGE,
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        StatusCode::UNPROCESSABLE_ENTITY,
    ];
    let said = |title: &str, detail: &str| format!("{title}（{}）：{detail}", status.as_u16());
    Unread {
        code: if about_the_file.contains(&status) {
            1
        } else {
            2
        },
        rule: text("code").to_owned(),
        zh: said(text("title_zh"), text("detail_zh")),
        en: said(text("title"), text("detail")),
        position: 0,
    }
}

fn told(body: &Value) -> Option<Told> {
    let list = |name: &str, kind: &'static str| {
        let items = body[name].as_array().cloned().unwrap_or_default();
        items.into_iter().map(move |item| line(kind, Ok(item)))
    };
    let counts = &body["summary"];
    let count = |name: &str| counts[name].as_u64();
    Some(Told {
        ending: match body["ending"].as_str()? {
            "imported" => Ending::Imported,
            "rehearsed" => Ending::Rehearsed,
            "refused" => Ending::Refused,
            _ => return None,
        },
        form: body["form"].as_str()?.to_owned(),
        profile: body["profile"].as_str()?.to_owned(),
        lines: list("errors", "error")
            .chain(list("warnings", "warning"))
            .chain(list("duplicates", "duplicate"))
            .chain(list("changes", "change"))
            .collect(),
        summary: Summary {
            rows: count("rows")?,
            imported: count("imported")?,
            refused: count("refused")?,
            already_there: count("already_there")?,
            parked: count("parked")?,
            position: count("position")?,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_named_by_file_and_options() {
        let order = ImportOrder::default();
        let rehearsed = ImportOrder {
            rehearse: true,
            ..ImportOrder::default()
        };
        assert_eq!(request_name(b"a", &order), request_name(b"a", &order));
        assert_ne!(request_name(b"a", &order), request_name(b"b", &order));
        assert_ne!(request_name(b"a", &order), request_name(b"a", &rehearsed));
        assert!(request_name(b"a", &order).len() <= probity_api::IDEMPOTENCY_KEY_CHARS_MAX);
    }

    #[test]
    fn a_refusal_of_the_file_is_told_from_a_request_that_could_not_be_tried() {
        let body = serde_json::json!({ "code": "invalid-file" });
        assert_eq!(problem(StatusCode::UNPROCESSABLE_ENTITY, &body).code, 1);
        assert_eq!(problem(StatusCode::UNAUTHORIZED, &body).code, 2);
    }
}
