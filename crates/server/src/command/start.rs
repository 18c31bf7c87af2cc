//! `probity serve` and `probity init`.

use super::outside::Outside;
use super::{Data, Failed, output};
use crate::serve::{self as server, Settings};
use crate::wall_clock::WallClock;
use crate::{demo, keeper};
use clap::Args;
use probity_app::{Ledger, OpenOptions, SEGMENT_BYTES};
use std::sync::Arc;

/// How a ledger is served.
#[derive(Debug, Args)]
pub(super) struct Serving {
    /// 公开方案：karamay-2012、default 或 open-organisations；默认 default，演示城市为 open-organisations · Publicity
    /// profile of the adopted policy; default: default, for the demo city open-organisations
    #[arg(long, value_name = "PROFILE")]
    publicity: Option<String>,
    /// 每隔多少条日志承诺一次状态；每日开始时另行承诺 · Entries after which a state is committed; so it is when a day begins
    #[arg(long, value_name = "ENTRIES", default_value_t = keeper::STATE_EVERY,
        value_parser = clap::value_parser!(u64).range(1..))]
    state_every: u64,
    #[command(flatten)]
    outside: Outside,
}

impl Default for Serving {
    fn default() -> Self {
        Self {
            publicity: None,
            state_every: keeper::STATE_EVERY,
            outside: Outside::default(),
        }
    }
}

/// Begins an empty ledger.
pub(super) fn init(data: &Data, origin: String, segment_bytes: u64) -> Result<(), Failed> {
    let ledger = create(data, origin, segment_bytes)?;
    println!(
        "已新建日志 {0}，目录 {1} · began log {0} in {1}",
        ledger.id,
        data.data.display()
    );
    ledger.close();
    Ok(())
}

fn create(data: &Data, origin: String, segment_bytes: u64) -> Result<Ledger, Failed> {
    let options = OpenOptions {
        origin,
        ..data.options()
    }
    .with_segments_of(segment_bytes);
    let ledger = Ledger::create(&data.folder(), &options, Arc::new(WallClock::start()));
    ledger.map_err(|e| Failed::could_not(&e))
}

/// Serves a folder, with the demo city in it where it is new and that is wanted.
pub(super) fn serve(
    data: &Data,
    listen: &str,
    with_demo: bool,
    serving: &Serving,
) -> Result<(), Failed> {
    let (checkpoints, patience) = serving.outside.options()?;
    let ledger = if data.folder().is_ledger() {
        data.open()?
    } else if with_demo {
        let ledger = create(data, "probity.invalid/demo-city".to_owned(), SEGMENT_BYTES)?;
        let bar = output::bar("载入演示城市 · loading the demo city");
        let loaded = demo::load(&ledger, |done, of| output::show(&bar, done, of));
        bar.finish_and_clear();
        loaded.map_err(|e| Failed::could_not(&e))?;
        ledger
    } else {
        let folder = data.data.display();
        return Err(Failed::not_run(format!(
            "{folder} 中没有台账，请先运行 `probity init --data {folder}`\n\
             {folder} holds no ledger; begin one with `probity init --data {folder}`"
        )));
    };
    let settings = Settings {
        publicity: serving.publicity.as_deref(),
        state_every: serving.state_every,
        checkpoints,
        patience,
    };
    server::serve(ledger, listen, settings).map_err(|e| {
        Failed::not_run(format!(
            "无法在 {listen} 提供服务 · cannot serve on {listen}: {e}"
        ))
    })
}
