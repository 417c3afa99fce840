//! What grows.

use clap::ValueEnum;

/// What grows; what each is, its [title](Self::title) says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Axis {
    Headers,
    Baggage,
    Keys,
    Spans,
    InFlight,
    /// Only memory is told of it.
    Ended,
}

/// The number of requests that run at the same time while their spans end.
pub(crate) const RUNNING: usize = 50;

impl Axis {
    pub(crate) fn all() -> &'static [Self] {
        Self::value_variants()
    }

    /// What the table calls it.
    pub(crate) fn title(self) -> &'static str {
        self.described().0
    }

    /// What is measured; in steps of four where strangers say how much there is.
    pub(crate) fn values(self) -> &'static [usize] {
        self.described().1
    }

    fn described(self) -> (&'static str, &'static [usize]) {
        match self {
            Self::Headers => {
                ("header lines beside those of the trace: server, continued", &[4, 16, 64, 256, 1024])
            }
            Self::Baggage => ("bytes of baggage, in long members: gateway", &[512, 2048, 8192, 32_768]),
            Self::Keys => {
                ("members of Sentry's, each with a name of its own: gateway", &[16, 64, 256, 1024, 4096])
            }
            Self::Spans => ("spans: recorded and dropped", &[1, 10, 100, 1000]),
            Self::Ended => ("spans that have ended: one more poll", &[0, 1, 20, 1000]),
            Self::InFlight => ("requests at the same time: one more poll", &[1, 10_000]),
        }
    }

    pub(crate) fn times(self, value: usize) -> usize {
        match self {
            Self::Spans => (2000 / value).clamp(10, 200),
            Self::InFlight => value.max(1000),
            Self::Ended => 10,
            _ => (20_000 / value).clamp(10, 200),
        }
    }
}
