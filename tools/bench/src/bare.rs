//! The bare server: axum, a body taken whole, an answer of the same size. What the interface would cost if it did nothing.

use crate::lab::Run;
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderName, StatusCode, header};
use axum::routing::get;
use std::path::Path;

const JSON: [(HeaderName, &str); 1] = [(header::CONTENT_TYPE, "application/json")];

/// Serves until it is ended.
///
/// # Errors
/// A file cannot be read, or no port can be bound.
pub fn serve(read: &Path, written: &Path) -> Run<()> {
    let (read, written) = (std::fs::read(read)?, std::fs::read(written)?);
    let (read, written) = (Bytes::from(read), Bytes::from(written));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let answer = move || {
            let read = read.clone();
            async move { (JSON, read) }
        };
        let take = move |body: Bytes| {
            let written = written.clone();
            async move {
                std::hint::black_box(body);
                (StatusCode::CREATED, JSON, written)
            }
        };
        let app = Router::new().route("/{*path}", get(answer).post(take));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!(
            "the bare server listens on http://{}",
            listener.local_addr()?
        );
        axum::serve(listener, app).await?;
        Ok(())
    })
}
