//! Who does the work.

mod bare;
mod envelopes;
mod fastrace;
mod floor;
mod hub;
mod opentelemetry;
mod ours;
mod reqwests;
mod scaled;
mod sentry;
mod serve;
mod trace_layer;
mod tracing_spans;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use tower::service_fn;

use crate::case::Case;
use crate::harness::{Handler, bare};
use crate::row::Row;

/// Who does the work. Each is measured in a process of its own, since most have global state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Contender {
    /// Nobody: the harness alone.
    Bare,
    /// Written by hand, with nothing but the work.
    Floor,
    /// This project.
    Ours,
    /// This project, with spans that are sent as they end.
    Streamed,
    /// fastrace and fastrace-tower.
    Fastrace,
    /// sentry-core and sentry-tower.
    Sentry,
    /// OpenTelemetry under axum-tracing-opentelemetry.
    Opentelemetry,
    /// tower-http's `TraceLayer`, which propagates nothing.
    TraceLayer,
}

impl Contender {
    /// Everyone in the order of the table.
    pub(crate) fn all() -> &'static [Self] {
        Self::value_variants()
    }

    /// What tables call it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Floor => "floor",
            Self::Ours => "ours",
            Self::Streamed => "ours, streamed",
            Self::Fastrace => "fastrace",
            Self::Sentry => "sentry",
            Self::Opentelemetry => "OpenTelemetry",
            Self::TraceLayer => "TraceLayer",
        }
    }

    /// The colour in pictures, as bright on light ground as on dark.
    pub(crate) fn color(self) -> &'static str {
        match self {
            Self::Bare | Self::TraceLayer => "#b0b7c3",
            Self::Floor => "#8a94a3",
            Self::Ours => "#e0463e",
            Self::Streamed => "#f0958f",
            Self::Fastrace => "#2f9e77",
            Self::Sentry => "#8b6fd6",
            Self::Opentelemetry => "#d9932b",
        }
    }

    /// Whether it propagates traces and is somebody else's.
    pub(crate) fn is_peer(self) -> bool {
        matches!(self, Self::Fastrace | Self::Sentry | Self::Opentelemetry)
    }

    /// The work of a row, ready to be measured; `None` if this one has nothing that does it.
    pub(crate) fn case(self, row: Row) -> Option<Case> {
        self.case_with(row, service_fn(bare))
    }

    /// The same with another client to send requests with.
    pub(crate) fn case_with(self, row: Row, client: impl Handler) -> Option<Case> {
        if row.is_of_tracing() {
            return tracing_spans::case(self, row);
        }
        match self {
            Self::Bare => Some(bare::case(row, client)),
            Self::Floor => floor::case(row, client),
            Self::Ours => ours::case(row, client),
            Self::Streamed => ours::streamed(row),
            Self::Fastrace => fastrace::case(row, client),
            Self::Sentry => sentry::case(row, client),
            Self::Opentelemetry => opentelemetry::case(row, client),
            Self::TraceLayer => trace_layer::case(row),
        }
    }
}
