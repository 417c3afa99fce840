//! The command line.

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::check;
use crate::contenders::Contender;
use crate::loopback;
use crate::measure::{allocations, instructions, nanoseconds};
use crate::named::Named;
use crate::proof;
use crate::report::grid::Grid;
use crate::report::{figures, readme, tables};
use crate::row::Row;
use crate::scale::{self, Axis};
use crate::subject::Subject;

/// The same work done by us, by others and by hand, measured side by side.
#[derive(Debug, Parser)]
#[command(name = "benches")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Prints the table: what is done without a command.
    Table(Table),
    /// Compares what we cost with the limits in `limits.toml`, and fails if one is exceeded.
    Check {
        /// Writes what is measured as the limits.
        #[arg(long)]
        update: bool,
    },
    /// Measures everything and writes it into `README.md`, `docs/costs.md` and `docs/cost.svg`.
    Readme,
    /// Shows how the cost of a request grows.
    Scale {
        /// With only these.
        axes: Vec<Axis>,
    },
    /// Compares servers over loopback.
    Loopback,
    /// Does one piece of work so often, for a profiler.
    Run {
        /// Who does it.
        contender: Contender,
        /// What is done: a row, or a point of a scale such as `headers=64`.
        subject: Subject,
        /// How often.
        #[arg(default_value_t = 1000)]
        times: usize,
    },
    /// Serves over loopback with the layer of a contender.
    #[command(hide = true)]
    Serve { contender: Contender },
    /// Proves that a contender does the work of rows.
    #[command(hide = true)]
    Prove(Work),
    /// Does rows of a contender under callgrind.
    #[command(hide = true)]
    Count(Work),
    /// Times rows of a contender.
    #[command(hide = true)]
    Time(Work),
}

#[derive(Debug, Default, Args)]
struct Table {
    /// Only these rows.
    #[arg(long = "row", value_name = "ROW")]
    rows: Vec<Row>,
    /// Only these contenders.
    #[arg(long = "contender", value_name = "CONTENDER")]
    contenders: Vec<Contender>,
}

impl Table {
    fn print(&self) {
        let rows = if self.rows.is_empty() { Row::all() } else { &self.rows };
        let contenders = if self.contenders.is_empty() { Contender::all() } else { &self.contenders };
        print(&tables::of(&figures::measure(contenders, rows, true)));
    }
}

#[derive(Debug, Args)]
struct Work {
    contender: Contender,
    subjects: Vec<Subject>,
}

/// The program that counts allocations.
#[derive(Debug, Parser)]
struct Counted {
    #[command(flatten)]
    work: Work,
}

/// Does what the command line says.
pub fn run() -> ExitCode {
    match Arguments::parse().command {
        Some(Command::Run { contender, subject, times }) => return repeat(contender, subject, times),
        Some(Command::Check { update }) => return check::run(update),
        Some(Command::Prove(Work { contender, subjects })) => proof::child(contender, &subjects),
        Some(Command::Count(Work { contender, subjects })) => instructions::child(contender, &subjects),
        Some(Command::Time(Work { contender, subjects })) => nanoseconds::child(contender, &subjects),
        Some(Command::Table(table)) => table.print(),
        Some(Command::Readme) => readme::write(&figures::measure(Contender::all(), Row::all(), true)),
        Some(Command::Scale { axes }) => {
            print(&scale::measure(if axes.is_empty() { Axis::all() } else { &axes }));
        }
        Some(Command::Loopback) => print(&[loopback::table(&loopback::measure(Contender::all()))]),
        Some(Command::Serve { contender }) => loopback::serve(contender),
        None => Table::default().print(),
    }
    ExitCode::SUCCESS
}

/// Does what the command line of the second program says, which has an allocator that counts.
pub fn count_allocations(count: allocations::Count) -> ExitCode {
    let Counted { work: Work { contender, subjects } } = Counted::parse();
    allocations::child(count, contender, &subjects);
    ExitCode::SUCCESS
}

fn print(tables: &[Grid]) {
    tables.iter().for_each(|table| println!("{}", table.text()));
}

fn repeat(contender: Contender, subject: Subject, times: usize) -> ExitCode {
    let Some(mut case) = subject.case(contender) else {
        eprintln!("{} does not do {}", contender.name(), subject);
        return ExitCode::FAILURE;
    };
    case.warm_up(subject.warm_up());
    case.measure(times);
    ExitCode::SUCCESS
}
