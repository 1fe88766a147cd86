//! What the system tells of a process, where it does: peak memory, processor time.

use std::fs;

/// The largest resident size of a process so far, in KiB; `self` is this one.
pub(super) fn high_water_mark_kib(process: &str) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// What `work` gives and the largest resident size of this process while it ran, in MiB.
pub(super) fn peak_mib<T>(work: impl FnOnce() -> T) -> (T, Option<f64>) {
    // 5: forget the largest size so far.
    let reset = fs::write("/proc/self/clear_refs", "5").is_ok();
    let result = work();
    let peak = high_water_mark_kib("self").filter(|_| reset);
    (result, peak.map(|kib| f64::from(kib) / 1024.0))
}

/// The processor time of all threads of a process so far, in seconds; `self` is this one.
pub(super) fn processor_seconds(process: &str) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in brackets may hold spaces; user and system time are the 12th and 13th number after it.
    let (_, numbers) = stat.rsplit_once(')')?;
    let mut numbers = numbers.split_whitespace().skip(11);
    let user: f64 = numbers.next()?.parse().ok()?;
    let system: f64 = numbers.next()?.parse().ok()?;
    Some((user + system) / TICKS_PER_SECOND)
}

/// Linux counts processor time in these on every architecture.
const TICKS_PER_SECOND: f64 = 100.0;
