//! Prints the OpenAPI document; `cargo xtask openapi` writes it to `api/openapi/v1.json`.

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let written = probity_api::openapi::document()
        .map_err(std::io::Error::other)
        .and_then(|text| std::io::stdout().lock().write_all(text.as_bytes()));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("openapi: {error}");
            ExitCode::FAILURE
        }
    }
}
