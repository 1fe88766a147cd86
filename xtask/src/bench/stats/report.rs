//! Measured times: in turn with peers, against goals and against what the machine can do at most.

use std::path::Path;

use anyhow::{Context as _, bail};
use serde::Serialize;

use crate::bench::machine::{memory_bandwidth, peak_flops, random_reads};
use crate::bench::peer::Peer;
use crate::bench::process::peak_mib;
use crate::bench::timing::{Run, median, timed};

/// How far two answers may lie apart, relative to the largest number of the answer.
const TOLERANCE: f64 = 1e-9;

/// What the machine can do at most, a second.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Machine {
    pub(super) n_threads: usize,
    bytes_read: f64,
    flops: f64,
}

impl Machine {
    pub(super) fn measure() -> Self {
        let machine = Self {
            n_threads: rayon::current_num_threads(),
            bytes_read: memory_bandwidth(),
            flops: peak_flops::<f64>(),
        };
        println!(
            "{} threads, reading {:.1} GB/s, {:.0} GFLOP/s (fused multiply-adds of 64-bit numbers)",
            machine.n_threads,
            machine.bytes_read / 1e9,
            machine.flops / 1e9
        );
        machine
    }
}

/// What any implementation must do.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Work {
    /// Bytes that pass between memory and processor.
    pub(super) bytes: f64,
    /// Additions and multiplications of 64-bit numbers.
    pub(super) flops: f64,
    /// Reads of a random entry of a table.
    pub(super) random_reads: f64,
    /// The entries of that table.
    pub(super) table: usize,
}

impl Work {
    /// The least seconds that this takes, and what takes them.
    fn least(self, machine: Machine) -> (f64, &'static str) {
        let mut limits = vec![
            (self.bytes / machine.bytes_read, "bandwidth"),
            (self.flops / machine.flops, "arithmetic"),
        ];
        if self.random_reads > 0.0 {
            limits.push((self.random_reads / random_reads(self.table), "random reads"));
        }
        limits.into_iter().fold(
            (0.0, "nothing"),
            |most, limit| if limit.0 > most.0 { limit } else { most },
        )
    }
}

/// What is wanted of a case.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Goal {
    /// At most so many seconds.
    pub(super) seconds: Option<f64>,
    /// At most so many MiB.
    pub(super) mib: Option<f64>,
}

/// A peer on the same work.
#[derive(Debug, Clone, Serialize)]
struct Against {
    peer: String,
    /// Its runs, each with ours beside it.
    runs: Vec<(Run, Run)>,
    /// The median of the quotients of seconds.
    times_faster: f64,
    /// The median of its times.
    seconds: f64,
    processor_seconds: Option<f64>,
    /// The largest resident size of its process, the reading of the data included.
    peak_mib: Option<f64>,
    goal: Option<f64>,
}

/// One case measured.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Measurement {
    case: &'static str,
    what: String,
    /// The median of the runs.
    pub(super) seconds: f64,
    pub(super) processor_seconds: Option<f64>,
    runs: Vec<Run>,
    least_seconds: f64,
    limited_by: &'static str,
    share_of_limit: f64,
    peak_mib: Option<f64>,
    goal_seconds: Option<f64>,
    goal_mib: Option<f64>,
    peers: Vec<Against>,
}

/// How a case is measured.
pub(super) struct Plan<F, A> {
    pub(super) case: &'static str,
    pub(super) what: String,
    pub(super) ours: F,
    /// The numbers of our result that are compared with those of peers.
    pub(super) answer: A,
    /// How often it runs without a peer.
    pub(super) n_runs: usize,
    pub(super) work: Work,
    pub(super) goal: Goal,
}

/// A peer's part in a case.
pub(super) struct Contest<'p, 'e> {
    pub(super) peer: &'p mut Peer<'e>,
    pub(super) task: &'static str,
    pub(super) n_runs: usize,
    /// How many times faster we want to be.
    pub(super) goal: Option<f64>,
}

/// A contest with a peer that could be started.
pub(super) fn contest<'p, 'e>(
    peer: &'p mut Option<Peer<'e>>,
    task: &'static str,
    n_runs: usize,
    goal: Option<f64>,
) -> Option<Contest<'p, 'e>> {
    let peer = peer.as_mut()?;
    Some(Contest {
        peer,
        task,
        n_runs,
        goal,
    })
}

impl<T, F, A> Plan<F, A>
where
    F: FnMut() -> anyhow::Result<T>,
    A: Fn(&T) -> Vec<f64>,
{
    /// Runs, each peer's runs in turn with ours, compares and prints.
    pub(super) fn measure<'p, 'e: 'p>(
        mut self,
        machine: Machine,
        contests: impl IntoIterator<Item = Contest<'p, 'e>>,
    ) -> anyhow::Result<Measurement> {
        println!("\n{}: {}", self.case, self.what);
        let (first, peak_mib) = peak_mib(&mut self.ours);
        let answer = (self.answer)(&first?);
        let mut runs = Vec::new();
        for _ in 0..self.n_runs {
            runs.push(timed(&mut self.ours)?);
        }
        let mut peers = Vec::new();
        for contest in contests {
            let mut pairs = Vec::new();
            for _ in 0..contest.n_runs {
                let (theirs, their_answer) = contest.peer.run(contest.task)?;
                check(&contest.peer.name, &answer, &their_answer)?;
                // A peer's seconds warm the machine for itself; ours, of a few milliseconds, begin on a processor that waited.
                drop((self.ours)()?);
                let ours = timed(&mut self.ours)?;
                runs.push(ours);
                pairs.push((theirs, ours));
            }
            let against = Against {
                peer: contest.peer.name.clone(),
                times_faster: median(pairs.iter().map(|(theirs, ours)| theirs.seconds / ours.seconds)),
                seconds: median(pairs.iter().map(|(theirs, _)| theirs.seconds)),
                processor_seconds: median_of_processor(pairs.iter().map(|(theirs, _)| theirs)),
                runs: pairs,
                peak_mib: contest.peer.peak_mib(),
                goal: contest.goal,
            };
            against.print();
            peers.push(against);
        }
        let (least_seconds, limited_by) = self.work.least(machine);
        let seconds = median(runs.iter().map(|run| run.seconds));
        let measurement = Measurement {
            case: self.case,
            what: self.what,
            seconds,
            least_seconds,
            limited_by,
            share_of_limit: least_seconds / seconds,
            processor_seconds: median_of_processor(&runs),
            runs,
            peak_mib,
            goal_seconds: self.goal.seconds,
            goal_mib: self.goal.mib,
            peers,
        };
        measurement.print();
        Ok(measurement)
    }
}

impl Against {
    fn print(&self) {
        println!(
            "  {:.1} times faster than {}, which takes {:.2} s{}{}{}; same answer",
            self.times_faster,
            self.peer,
            self.seconds,
            of_processor(self.processor_seconds),
            self.peak_mib
                .map_or(String::new(), |mib| format!(" and {mib:.0} MiB")),
            self.goal
                .map_or(String::new(), |goal| format!(" (wanted: {goal} times)"))
        );
    }
}

impl Measurement {
    fn print(&self) {
        let wanted = |goal: Option<f64>, unit: &str| {
            goal.map_or(String::new(), |goal| format!(" (wanted: below {goal} {unit})"))
        };
        println!(
            "  {:.4} s{}{}, median of {}; {:.0} % of the limit by {}",
            self.seconds,
            of_processor(self.processor_seconds),
            wanted(self.goal_seconds, "s"),
            self.runs.len(),
            100.0 * self.share_of_limit,
            self.limited_by
        );
        if let Some(mib) = self.peak_mib {
            println!(
                "  peak memory of the process {mib:.0} MiB{}",
                wanted(self.goal_mib, "MiB")
            );
        }
    }
}

/// Writes all measurements as JSON.
pub(super) fn write(path: &Path, machine: Machine, measurements: &[Measurement]) -> anyhow::Result<()> {
    #[derive(Serialize)]
    struct Report<'a> {
        machine: Machine,
        cases: &'a [Measurement],
    }
    let report = Report {
        machine,
        cases: measurements,
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, serde_json::to_string_pretty(&report)?)
        .with_context(|| format!("{} cannot be written", path.display()))
}

/// That a peer computed what we did.
fn check(peer: &str, ours: &[f64], theirs: &[f64]) -> anyhow::Result<()> {
    if ours.len() != theirs.len() {
        bail!("{peer} answers {} numbers, not {}", theirs.len(), ours.len());
    }
    let largest = ours
        .iter()
        .fold(0.0_f64, |largest, value| largest.max(value.abs()));
    for (at, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        let near = (ours - theirs).abs() <= TOLERANCE * largest;
        if !near {
            bail!("number {at} is {ours} here and {theirs} in {peer}");
        }
    }
    Ok(())
}

fn of_processor(seconds: Option<f64>) -> String {
    seconds.map_or(String::new(), |seconds| {
        format!(" ({seconds:.2} s of processor time)")
    })
}

fn median_of_processor<'a>(runs: impl IntoIterator<Item = &'a Run>) -> Option<f64> {
    let seconds: Option<Vec<f64>> = runs.into_iter().map(|run| run.processor_seconds).collect();
    seconds.map(median)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_that_differ_are_an_error_that_names_the_number() {
        assert!(check("peer", &[1.0, 2.0], &[1.0, 2.0 + 1e-10]).is_ok());
        let error = check("peer", &[1.0, 2.0], &[1.0, 2.1]).unwrap_err().to_string();
        assert_eq!(error, "number 1 is 2 here and 2.1 in peer");
        assert!(check("peer", &[1.0], &[f64::NAN]).is_err());
        assert!(check("peer", &[1.0], &[]).is_err());
    }

    #[test]
    fn the_slowest_part_of_the_work_is_the_limit() {
        let machine = Machine {
            n_threads: 1,
            bytes_read: 10.0,
            flops: 100.0,
        };
        let work = Work {
            bytes: 20.0,
            flops: 100.0,
            ..Work::default()
        };
        assert_eq!(work.least(machine).1, "bandwidth");
        assert!((work.least(machine).0 - 2.0).abs() < 1e-15);
    }
}
