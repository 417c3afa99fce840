//! The figures, and what must be true of them.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use trace_core::TraceLifecycle;
use trace_sentry::Statistics;

use crate::app::Order;
use crate::ledger::{Count, Counts, Ledger};
use crate::plan::Plan;

/// How much more memory may be held at the end than after the warm-up, in percent.
const GROWTH: f64 = 5.0;

/// What came of a soak.
#[derive(Debug, Default)]
pub struct Report {
    /// A line for each order of the layers, and one of memory.
    pub figures: Vec<String>,
    /// How many checks held.
    pub passed: usize,
    /// Those that did not, with what was found.
    pub failures: Vec<String>,
}

/// What was booked of some requests.
pub(crate) struct Figures<'a> {
    pub(crate) order: Order,
    pub(crate) ledger: &'a Ledger,
    pub(crate) requests: Range<usize>,
    pub(crate) counts: Counts,
    pub(crate) flushed: bool,
    pub(crate) took: Duration,
}

impl Report {
    pub(crate) fn judge(&mut self, figures: &Figures<'_>) {
        let Figures { order, ledger, requests, counts, flushed, took } = figures;
        let Tally { started, ended, uneven, against_caller, undecided, undecided_started } =
            Tally::of(ledger, requests.clone());
        let share = undecided_started as f64 / undecided as f64;
        let panics = requests.clone().filter(|number| Plan::of(*number).panics()).count() as u64;
        let (delivered, dropped) = (counts[Count::Delivered], counts[Count::Dropped]);
        let units = counts[Count::Ended];
        let unsampled = counts[Count::Unsampled];
        self.figures.push(format!(
            "{order}: {} requests in {:.1} s, {started} service spans started, {ended} ended, of {units} transactions \
             or spans {delivered} delivered + {dropped} dropped, {unsampled} not sampled, {} errors, {} panics",
            requests.len(),
            took.as_secs_f64(),
            counts[Count::Events],
            counts[Count::Panics],
        ));
        let mut check = |name, held, found| self.check(format!("{order}: {name}"), held, found);
        check("every started transaction ends exactly once", uneven == 0, format!("{uneven} did not"));
        check("the caller's decision holds", against_caller == 0, format!("{against_caller} times not"));
        check("half of the others are recorded", (share - 0.5).abs() < 0.05, format!("{share:.4}"));
        check("flushed in time", *flushed, String::new());
        check(
            "delivered and dropped are those that ended",
            delivered + dropped == units,
            format!("{delivered} + {dropped}, not {units}"),
        );
        check(
            "all others are counted as not sampled",
            started + unsampled == requests.len() as u64,
            format!("{started} + {unsampled}, not {}", requests.len()),
        );
        check(
            "all panics were planned, and caught",
            counts[Count::Panics] == panics,
            format!("{panics} planned"),
        );
        check(
            "every captured error arrives",
            counts[Count::Captured] == counts[Count::Events] && counts[Count::Events] > 0,
            format!("{} captured", counts[Count::Captured]),
        );
        let (left, late) = (counts[Count::LeftSpans], counts[Count::LateRecords]);
        let expected = if ledger.lifecycle == TraceLifecycle::Stream { left } else { 0 };
        check(
            "spans that end late are streamed, and are no part of a transaction",
            late == expected && left > 0,
            format!("{late} of {left}"),
        );
        for (name, count) in [
            ("every error has its own trace and scope", Count::ForeignEvents),
            ("its own context is current in every request", Count::ForeignContexts),
            ("no context is current between requests", Count::LeftContexts),
        ] {
            check(name, counts[count] == 0, format!("{} times not", counts[count]));
        }
    }

    /// One request with very many spans.
    pub(crate) fn judge_endless(&mut self, counts: &Counts, spans: u64, flushed: bool) {
        let (ended, delivered) = (counts[Count::Ended], counts[Count::Delivered]);
        self.figures.push(format!("one request with {spans} spans: {delivered} delivered"));
        self.check(
            "every span of one long request arrives".to_owned(),
            flushed && ended == spans + 1 && delivered == ended,
            format!("{delivered} of {ended}"),
        );
    }

    /// Whether the sink says of itself what was booked.
    pub(crate) fn judge_statistics(&mut self, statistics: Statistics, counts: &Counts) {
        for (name, told, count) in [
            ("handed over", statistics.handed_over, Count::Delivered),
            ("dropped", statistics.dropped, Count::Dropped),
            ("not sampled", statistics.unsampled, Count::Unsampled),
        ] {
            let (name, booked) = (format!("the sink tells how many were {name}"), counts[count]);
            self.check(name, told == booked, format!("{told}, not {booked}"));
        }
    }

    /// What is left on threads, after their end.
    pub(crate) fn judge_threads(&mut self, counts: &Counts, workers: u64) {
        let seen = counts[Count::Threads];
        self.check("every worker thread was looked at".to_owned(), seen >= workers, format!("{seen} were"));
        for (name, count) in [
            ("no thread keeps a context", Count::LeftContexts),
            ("neither a thread's hub nor the main one keeps the scope of a request", Count::LeftScopes),
        ] {
            self.check(name.to_owned(), counts[count] == 0, format!("{} left", counts[count]));
        }
    }

    /// Resident memory in KiB, at a time and at the end.
    pub(crate) fn judge_memory(&mut self, time: &str, warm: u64, end: u64) {
        let growth = (end as f64 / warm as f64 - 1.0) * 100.0;
        let figures = format!("memory: {warm} KiB {time}, {end} KiB at the end, {growth:+.1} %");
        self.check(format!("memory grows by less than {GROWTH} % {time}"), growth < GROWTH, figures.clone());
        self.figures.push(figures);
    }

    fn check(&mut self, name: String, held: bool, found: String) {
        if held {
            self.passed += 1;
        } else {
            self.failures.push(format!("{name}: {found}"));
        }
    }
}

/// The transactions of some requests.
#[derive(Default)]
struct Tally {
    started: u64,
    ended: u64,
    /// Requests whose transaction did not end as often as it started, or started twice.
    uneven: u64,
    against_caller: u64,
    /// Requests whose caller left the decision to us.
    undecided: u64,
    undecided_started: u64,
}

impl Tally {
    fn of(ledger: &Ledger, requests: Range<usize>) -> Self {
        let mut tally = Self::default();
        for (plan, starts, ends) in ledger.transactions(requests) {
            tally.started += u64::from(starts);
            tally.ended += u64::from(ends);
            tally.uneven += u64::from(starts != ends || starts > 1);
            match plan.is_recorded() {
                Some(recorded) => tally.against_caller += u64::from(recorded != (starts == 1)),
                None => {
                    tally.undecided += 1;
                    tally.undecided_started += u64::from(starts);
                }
            }
        }
        tally
    }
}

/// The figures, what failed, and the sum.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for figures in &self.figures {
            writeln!(f, "{figures}")?;
        }
        for failure in &self.failures {
            writeln!(f, "FAILED {failure}")?;
        }
        write!(f, "{} passed, {} failed", self.passed, self.failures.len())
    }
}
