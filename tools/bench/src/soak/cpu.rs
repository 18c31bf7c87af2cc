//! How much of the machine a run had to itself.

use crate::lab::Run;

/// Processor time since the machine started, in ticks of the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// Of all cores, idle or not.
    all: u64,
    /// Of all cores, not idle.
    busy: u64,
    /// Of this process and the one it measures.
    ours: u64,
}

impl Times {
    /// As it stands; `process` is the measured one, which may be this one.
    ///
    /// # Errors
    /// There is no such process.
    pub fn now(process: u32) -> Run<Self> {
        let machine = std::fs::read_to_string("/proc/stat")?;
        let (all, busy) = of_machine(&machine).ok_or("/proc/stat says nothing of the cores")?;
        let own = std::process::id();
        let mut ours = 0;
        for id in [own, process].iter().take(1 + usize::from(process != own)) {
            let text = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
            ours += of_process(&text).ok_or("a process without times")?;
        }
        Ok(Self { all, busy, ours })
    }

    /// Share of all processor time since then that others took, 0 to 1.
    pub fn others_since(&self, before: &Self) -> f64 {
        let busy = self.busy.saturating_sub(before.busy);
        let ours = self.ours.saturating_sub(before.ours);
        let all = self.all.saturating_sub(before.all).max(1);
        busy.saturating_sub(ours) as f64 / all as f64
    }
}

/// All and busy ticks: user, nice, system, idle, iowait, irq, softirq, steal; guests are part of user.
fn of_machine(stat: &str) -> Option<(u64, u64)> {
    let line = stat.lines().next()?.strip_prefix("cpu ")?;
    let ticks: Option<Vec<u64>> = line
        .split_whitespace()
        .take(8)
        .map(|t| t.parse().ok())
        .collect();
    let ticks = ticks.filter(|ticks| ticks.len() == 8)?;
    let all: u64 = ticks.iter().sum();
    Some((all, all - ticks[3] - ticks[4]))
}

/// User and system ticks; the name before them may hold blanks.
fn of_process(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_are_what_is_busy_and_not_ours() {
        let machine = "cpu  10 20 30 400 40 5 5 10 3 0\ncpu0 1 2 3\n";
        assert_eq!(of_machine(machine), Some((520, 80)));
        let process = "7 (a ) b) S 1 1 1 0 -1 4 5 6 7 8 11 22 0 0 20";
        assert_eq!(of_process(process), Some(33));
        let before = Times {
            all: 0,
            busy: 0,
            ours: 0,
        };
        let after = Times {
            all: 200,
            busy: 150,
            ours: 50,
        };
        assert!((after.others_since(&before) - 0.5).abs() < 1e-9);
        assert!(Times::now(std::process::id()).is_ok());
    }
}
