//! What can be measured: a row of the table, or a point of a scale.

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum;

use crate::case::Case;
use crate::contenders::Contender;
use crate::named::Named;
use crate::row::Row;
use crate::scale::Axis;

/// How often work is done at most before it is measured.
const WARM_UP: usize = 300;

/// A row of the table, or a point of a scale such as `headers=64`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    Row(Row),
    Scaled(Axis, usize),
}

impl Subject {
    /// The work, ready to be measured; `None` if the contender has nothing that does it.
    pub(crate) fn case(self, contender: Contender) -> Option<Case> {
        match self {
            Self::Row(row) => contender.case(row),
            Self::Scaled(axis, value) => contender.scaled(axis, value),
        }
    }

    /// Whether not all of the work is done on the thread that begins it.
    pub(crate) fn ends_on_another_thread(self) -> bool {
        matches!(self, Self::Row(row) if row.spans_of_envelope().is_some())
    }

    /// How often the work is done before it is measured: caches are filled, lazy state is made.
    pub(crate) fn warm_up(self) -> usize {
        self.times().min(WARM_UP)
    }

    /// How often the work is done in a measurement: the more it is, the less often.
    pub(crate) fn times(self) -> usize {
        match self {
            Self::Row(row) => row.times(),
            Self::Scaled(axis, value) => axis.times(value),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Row(row) => f.write_str(&row.name()),
            Self::Scaled(axis, value) => write!(f, "{}={value}", axis.name()),
        }
    }
}

impl FromStr for Subject {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            None => Row::from_str(text, false).map(Self::Row),
            Some((axis, value)) => {
                let value = value.parse().map_err(|error| format!("{value}: {error}"))?;
                Ok(Self::Scaled(Axis::from_str(axis, false)?, value))
            }
        }
    }
}
