//! What whoever distrusts the log asks of the server: proofs of single entries, and a checkpoint soon after the receipt.

use crate::client::{Requests, ask_every, ask_once, get, load, load_looking};
use crate::lab::{Lab, Run, percentile, rate};
use crate::load::key;
use crate::over_http::{READERS, Rounds, WRITERS};
use crate::program::Server;
use crate::row::{Row, Target};
use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Entries whose proofs are asked for in turn.
const ENTRIES: u64 = 20_000;
/// Milliseconds within which 99 of 100 proofs are to be answered.
const PROOF_MS: f64 = 2.0;
/// Seconds within which 99 of 100 acknowledged entries are to be in a published checkpoint.
const LAG_S: f64 = 1.0;
/// How often somebody looks for a new checkpoint.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How long somebody looks for a checkpoint with the last entry before it is a fault.
const PATIENCE: Duration = Duration::from_secs(30);

/// Requests for inclusion proofs, in an order that follows nothing.
fn proof_requests(size: u64) -> Vec<Vec<u8>> {
    let bearer = format!("Bearer {}", key());
    // A step of odd length visits far places by turns; whether it meets all of them does not matter.
    let step = (size * 5 / 8) | 1;
    (0..ENTRIES.min(size))
        .map(|turn| {
            let path = format!("/v1/entries/{}/proof", turn * step % size);
            get(&path, &[("authorization", &bearer)])
        })
        .collect()
}

/// Number of leaves that a checkpoint covers.
fn size_of(note: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(note).ok()?;
    text.lines().nth(1)?.parse().ok()
}

/// Size of the last published checkpoint; waits for the first.
fn published(address: SocketAddr) -> Run<u64> {
    let began = Instant::now();
    loop {
        let (_, note) = ask_once(address, &get("/log/checkpoint", &[]))?;
        match size_of(&note) {
            Some(size) if size > 0 => return Ok(size),
            _ if began.elapsed() > PATIENCE => return Err("no checkpoint is published".into()),
            _ => std::thread::sleep(LOOK_EVERY),
        }
    }
}

/// Rows `inclusion_http_p50` and `inclusion_http_p99`: an inclusion proof, beside the bare server with the same bytes.
///
/// # Errors
/// A server does not come up or refuses.
pub fn inclusion_rows(lab: &Lab, ours: &Server) -> Run<Vec<Row>> {
    lab.say("inclusion proofs over HTTP");
    let requests = proof_requests(published(ours.address)?);
    let one = requests.get(requests.len() / 2).ok_or("an empty log")?;
    let (status, proof) = ask_once(ours.address, one)?;
    if status != 200 {
        return Err(format!("a proof is refused with {status}").into());
    }
    let file = lab.folder.join("proof.json");
    std::fs::write(&file, proof)?;
    let bare = Server::bare(&file, &file)?;
    let requests = Requests::numbered(requests, 0);
    let (mut our_rounds, mut bare_rounds) = (Rounds::default(), Rounds::default());
    for _ in 0..lab.size.rounds {
        for (server, rounds) in [(ours, &mut our_rounds), (&bare, &mut bare_rounds)] {
            let told = load(server.address, READERS, &requests, lab.size.round)?;
            rounds.add(&told.all_good("proofs")?);
            lab.rest();
        }
    }
    drop(bare);
    std::fs::remove_file(file)?;
    let what =
        format!("inclusion proof of a random entry, {READERS} clients, half answered within");
    let note = format!(
        "{:.0} answers/s; bare: {:.0}",
        our_rounds.rate(),
        bare_rounds.rate()
    );
    let ms = |us: f64| us / 1_000.0;
    Ok(vec![
        Row::new("inclusion_http_p50", &what, ms(our_rounds.middle()), "ms")
            .beside(ms(bare_rounds.middle()), "bare axum")
            .note(note),
        Row::new(
            "inclusion_http_p99",
            "the same, 99 of 100 answered within",
            ms(our_rounds.slow()),
            "ms",
        )
        .beside(ms(bare_rounds.slow()), "bare axum")
        .target(Target::AtMost(PROOF_MS)),
    ])
}

/// The last position that a receipt names.
fn position(receipt: &[u8]) -> Option<u64> {
    const NAME: &[u8] = b"\"position\":";
    let place = receipt.windows(NAME.len()).position(|some| some == NAME)?;
    let digits = receipt.get(place + NAME.len()..)?;
    let end = digits.iter().position(|byte| !byte.is_ascii_digit())?;
    std::str::from_utf8(&digits[..end]).ok()?.parse().ok()
}

/// For each receipt the time until a checkpoint with its entry was seen, in µs, ascending; `seen` is in order of time.
fn lags(receipts: &[(Instant, u64)], seen: &[(Instant, u64)]) -> Run<Vec<u32>> {
    let lag = |(at, position): &(Instant, u64)| {
        let place = seen.partition_point(|(_, size)| size <= position);
        let (covered, _) = seen.get(place).ok_or("a receipt without a checkpoint")?;
        let took = covered.saturating_duration_since(*at).as_micros();
        Ok(u32::try_from(took).unwrap_or(u32::MAX))
    };
    let mut all = receipts.iter().map(lag).collect::<Run<Vec<u32>>>()?;
    all.sort_unstable();
    Ok(all)
}

/// Looks for checkpoints until one covers what `wanted` says, which is `u64::MAX` while reports come in.
fn watch(address: SocketAddr, wanted: &AtomicU64) -> Result<Vec<(Instant, u64)>, String> {
    let (mut seen, mut since) = (Vec::<(Instant, u64)>::new(), None);
    let done = ask_every(
        address,
        &get("/log/checkpoint", &[]),
        LOOK_EVERY,
        |at, note| {
            let size = size_of(note).unwrap_or(0);
            if seen.last().is_none_or(|(_, last)| *last < size) {
                seen.push((at, size));
            }
            let wanted = wanted.load(Ordering::Acquire);
            if wanted == u64::MAX {
                return false;
            }
            let since: Instant = *since.get_or_insert(at);
            size >= wanted || at - since > PATIENCE
        },
    );
    done.map_err(|error| format!("checkpoints: {error}"))?;
    Ok(seen)
}

/// Rows `checkpoint_lag_p50` and `checkpoint_lag_p99`: from the receipt to a published checkpoint with the entry, while 64
/// clients report as fast as they are answered.
///
/// # Errors
/// The server refuses, or publishes nothing.
pub fn lag_rows(lab: &Lab, ours: &Server, reports: &Requests) -> Run<Vec<Row>> {
    lab.say("from the receipt to a checkpoint");
    let (address, length) = (ours.address, lab.size.round * 4);
    let wanted = AtomicU64::new(u64::MAX);
    let receipts = Rc::new(RefCell::new(Vec::new()));
    let held = receipts.clone();
    let look = move |at: Instant, receipt: &[u8]| {
        if let Some(position) = position(receipt) {
            held.borrow_mut().push((at, position));
        }
    };
    let (told, seen) = std::thread::scope(|scope| {
        let watching = scope.spawn(|| watch(address, &wanted));
        let told = load_looking(address, WRITERS, reports, length, Rc::new(look));
        let last = receipts
            .borrow()
            .iter()
            .map(|(_, position)| *position)
            .max();
        // Set in any case: the watcher would wait for it.
        wanted.store(last.map_or(0, |last| last + 1), Ordering::Release);
        let seen = watching.join().map_err(|_| "the watcher panicked")??;
        Run::Ok((told?, seen))
    })?;
    let told = told.all_good("report")?;
    let receipts = receipts.borrow();
    if receipts.len() as u64 != told.good() {
        return Err("a receipt names no position".into());
    }
    let lags = lags(&receipts, &seen)?;
    let seconds = |share: f64| f64::from(percentile(&lags, share)) / 1e6;
    let what = format!(
        "from the receipt to a published checkpoint, {WRITERS} clients report; half within"
    );
    let note = format!(
        "{} receipts, {:.0} a second, {} checkpoints; looked for every {} ms",
        receipts.len(),
        rate(told.good(), told.took),
        seen.len(),
        LOOK_EVERY.as_millis()
    );
    Ok(vec![
        Row::new("checkpoint_lag_p50", &what, seconds(0.5), "s").note(note),
        Row::new(
            "checkpoint_lag_p99",
            "the same, 99 of 100 within",
            seconds(0.99),
            "s",
        )
        .target(Target::AtMost(LAG_S)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_and_a_checkpoint_are_read() {
        let receipt = br#"{"position":1204,"positions":[1203,1204]}"#;
        assert_eq!(position(receipt), Some(1_204));
        assert_eq!(position(b"{}"), None);
        assert_eq!(size_of(b"log.example\n17\nroot=\n\n- x y\n"), Some(17));
        assert_eq!(size_of(b"{}"), None);
    }

    #[test]
    fn an_entry_is_covered_by_the_first_checkpoint_that_is_larger_than_its_position() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let seen = [(at(0), 5), (at(100), 10), (at(300), 20)];
        // The one at position 10 is the eleventh: ten leaves do not hold it.
        let receipts = [(at(50), 9), (at(60), 10), (at(310), 12)];
        assert_eq!(
            lags(&receipts, &seen).expect("covered"),
            [0, 50_000, 240_000]
        );
        assert!(lags(&[(at(0), 20)], &seen).is_err());
    }
}
