//! Two threads against one: whoever writes to memory that threads share does not serve twice as much on two.
//!
//! That is also counted: safe code changes such memory with locked instructions. The machine may be shared too, so one
//! thread and two take turns, and the bare harness shows what can be had.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use clap::ValueEnum;

use crate::case::Case;
use crate::contenders::Contender;
use crate::measure::instructions;
use crate::report::grid::{Grid, number};
use crate::subject::Subject;

const TURNS: usize = 41;
const TURN: Duration = Duration::from_millis(30);
/// Requests between two looks at the clock.
const BATCH: usize = 200;

/// Makes the case of one thread; what threads share in a service they share here.
pub(crate) type Shared = Box<dyn Fn() -> Case + Send + Sync>;

/// When a service is cloned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Cloned {
    /// Once for each thread, as a server does that clones it for each connection.
    Thread,
    /// For each request, as axum does with all layers.
    Request,
}

impl Cloned {
    /// The name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Thread => "thread",
            Self::Request => "request",
        }
    }
}

pub(crate) fn measure() -> Grid {
    let subjects = [Cloned::Thread, Cloned::Request].map(Subject::Shared);
    let bare = instructions::measure(Contender::Bare, &subjects);
    let head = ["service", "requests on two threads against one", "locked instructions beyond bare"];
    let mut table = Grid::new("Threads: server, continued, medians of turns", head);
    for contender in [Contender::Bare, Contender::Floor, Contender::Ours] {
        let own = instructions::measure(contender, &subjects);
        for (cloned, subject) in [Cloned::Thread, Cloned::Request].into_iter().zip(subjects) {
            if let Some(make) = contender.shared(cloned) {
                table.rows.push(vec![
                    format!("{}, cloned for each {}", contender.title(), cloned.name()),
                    format!("{:.2}", ratio(&make)),
                    number(own[&subject].locked - bare[&subject].locked),
                ]);
            }
        }
    }
    table
}

fn ratio(make: &Shared) -> f64 {
    let mut ratios: Vec<_> = (0..TURNS).map(|_| served(make, 2) / served(make, 1)).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[TURNS / 2]
}

/// Requests a second on so many threads.
fn served(make: &Shared, threads: usize) -> f64 {
    let start = Barrier::new(threads);
    let work = || {
        let mut case = make();
        case.warm_up(BATCH);
        start.wait();
        let (begin, mut requests) = (Instant::now(), 0);
        while begin.elapsed() < TURN {
            case.warm_up(BATCH);
            requests += BATCH;
        }
        requests as f64 / begin.elapsed().as_secs_f64()
    };
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().map(|thread| thread.join().expect("no thread panics")).sum()
    })
}
