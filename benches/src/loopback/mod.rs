//! HTTP over loopback: what a layer adds to the processor time of a request, and what it takes off the throughput.
//!
//! Each server is a process of its own with axum on a runtime of one thread; the client is this process, which writes
//! to all of its connections and then reads from all of them. A server with a layer is compared with a bare one in
//! pairs of turns of some milliseconds. Some processes are quicker than others of the same program for all of their
//! lives, so there are several sessions, each with new servers. Bare against bare shows what of the differences is noise.

mod load;
mod server;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::contenders::Contender;
use crate::measure::child::myself;
use crate::named::Named;
use crate::report::grid::Grid;
use load::Load;

pub(crate) use server::serve;

const SESSIONS: usize = 11;
/// Pairs of turns in a session.
const PAIRS: usize = 21;

/// What a layer does to a server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Difference {
    /// Microseconds of processor time that a request takes longer.
    added: Middle,
    /// Requests a second, compared with the bare server.
    throughput: Middle,
}

/// The middle of several measurements.
#[derive(Debug, Clone, Copy)]
struct Middle {
    median: f64,
    /// Half of what lies between the quartiles.
    spread: f64,
}

/// Compares contenders with the bare server, and another bare server first of all.
pub(crate) fn measure(contenders: &[Contender]) -> Vec<(Contender, Difference)> {
    contenders.iter().map(|&contender| (contender, compare(contender))).collect()
}

pub(crate) fn table(differences: &[(Contender, Difference)]) -> Grid {
    let head = ["server", "added CPU, us a request", "+-", "requests/s against bare", "+-"];
    let mut table = Grid::new("HTTP over loopback, medians of sessions against a bare server", head);
    for (contender, Difference { added, throughput }) in differences {
        let figures = [added.median, added.spread, throughput.median, throughput.spread];
        let cells = figures.into_iter().map(|figure| format!("{figure:.2}"));
        table.rows.push([contender.title().to_owned()].into_iter().chain(cells).collect());
    }
    table
}

fn compare(contender: Contender) -> Difference {
    let sessions: Vec<_> = (0..SESSIONS).map(|_| session(contender)).collect();
    Difference {
        added: middle(sessions.iter().map(|session| session.0).collect()),
        throughput: middle(sessions.iter().map(|session| session.1).collect()),
    }
}

/// The medians of the added processor time and of the throughput.
fn session(contender: Contender) -> (f64, f64) {
    let servers = [Contender::Bare, contender].map(Server::start);
    let [mut bare, mut other] = servers.each_ref().map(Load::connect);
    // Connections are accepted, memory is there.
    bare.turn();
    other.turn();
    let pairs: Vec<_> = (0..PAIRS)
        .map(|number| {
            // Nobody always comes second.
            let first = (number % 2 == 0).then(|| bare.turn());
            let other = other.turn();
            (first.unwrap_or_else(|| bare.turn()), other)
        })
        .collect();
    let added = pairs.iter().map(|(bare, other)| other.cpu - bare.cpu).collect();
    let throughput = pairs.iter().map(|(bare, other)| other.per_second / bare.per_second).collect();
    (middle(added).median, middle(throughput).median)
}

fn middle(mut values: Vec<f64>) -> Middle {
    values.sort_by(f64::total_cmp);
    let at = |part: usize| values[(values.len() - 1) * part / 4];
    Middle { median: at(2), spread: (at(3) - at(1)) / 2.0 }
}

/// A server in a process of its own, which ends with it.
struct Server {
    process: Child,
    port: u16,
}

impl Server {
    fn start(contender: Contender) -> Self {
        let mut process = Command::new(myself())
            .args(["serve", &contender.name()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a server can be started");
        let mut line = String::new();
        let output = process.stdout.take().expect("its output is piped");
        BufReader::new(output).read_line(&mut line).expect("a server writes its port");
        Self { port: line.trim().parse().expect("a port is a number"), process }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // If it has ended already there is nothing to do.
        let _ended = self.process.kill().and_then(|()| self.process.wait());
    }
}
