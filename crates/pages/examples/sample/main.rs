//! Writes every page with made-up data: `cargo run -p probity-pages --example sample -- OUT_DIR`.
//!
//! Stylesheet, icon and scripts lie beside the pages, so a browser can open them from the folder.

mod data;

use probity_pages::{CSS, FAVICON_SVG, Lang, SCRIPT_NAMES, script};
use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(std::env::args().nth(1).ok_or("usage: sample OUT_DIR")?);
    std::fs::create_dir_all(&out)?;
    std::fs::write(out.join("probity.css"), CSS)?;
    std::fs::write(out.join("favicon.svg"), FAVICON_SVG)?;
    for name in SCRIPT_NAMES {
        std::fs::write(out.join(name), script(name).unwrap_or_default())?;
    }
    for lang in Lang::ALL {
        for (name, page) in data::pages(lang) {
            std::fs::write(out.join(format!("{name}.{}.html", lang.tag())), page?)?;
        }
    }
    println!("{}", out.display());
    Ok(())
}
