//! The points of the scales, for whom they make sense.

use tower::service_fn;

use super::{Contender, bare, fastrace, floor, opentelemetry, ours, sentry, trace_layer};
use crate::case::Case;
use crate::inputs::{TARGETS, traced_request};
use crate::scale::{Axis, baggage, headers};

impl Contender {
    /// The work of a point of a scale; `None` if this one has nothing that does it.
    pub(crate) fn scaled(self, axis: Axis, value: usize) -> Option<Case> {
        match axis {
            Axis::Headers => self.continued(value),
            Axis::Baggage | Axis::Incomplete | Axis::Foreign => self.forwarded(axis, value),
            Axis::Targets => self.targeted(value),
            Axis::Spans => self.recorded(value),
            Axis::InFlight => Some(self.in_flight(value)),
        }
    }

    fn continued(self, lines: usize) -> Option<Case> {
        let request = headers(lines);
        Some(match self {
            Self::Bare => bare::server(request),
            Self::Floor => floor::server(request),
            Self::Ours => ours::server(ours::tracer(None), request, 0),
            Self::Fastrace => fastrace::server(request, 0),
            Self::Sentry => sentry::server(0.0, request, 0),
            Self::Opentelemetry => opentelemetry::server(false, request, 0),
            Self::TraceLayer => trace_layer::server(request),
        })
    }

    fn forwarded(self, axis: Axis, bytes: usize) -> Option<Case> {
        let (request, client) = (baggage(axis, bytes), service_fn(bare));
        Some(match self {
            Self::Bare => bare::gateway(request, client),
            Self::Floor => floor::gateway(request, client),
            Self::Ours => ours::gateway(request, client),
            Self::Fastrace => fastrace::gateway(request, client),
            Self::Sentry => sentry::gateway(request, client),
            Self::Opentelemetry => opentelemetry::gateway(request, client),
            Self::TraceLayer => return None,
        })
    }

    fn targeted(self, number: usize) -> Option<Case> {
        let others = (TARGETS.len()..number).map(|place| format!("service-{place}.internal"));
        let texts: Vec<_> = TARGETS.into_iter().map(str::to_owned).chain(others).take(number).collect();
        let texts: Vec<_> = texts.iter().map(String::as_str).collect();
        let client = service_fn(bare);
        match self {
            Self::Bare => Some(bare::send(client, crate::inputs::OTHER_URL)),
            // Its searcher takes few.
            Self::Floor if number > 10 => None,
            Self::Floor => Some(floor::send(client, &texts)),
            Self::Ours => Some(ours::send(client, Some(&texts), crate::inputs::OTHER_URL)),
            Self::Fastrace | Self::Sentry | Self::Opentelemetry | Self::TraceLayer => None,
        }
    }

    fn recorded(self, spans: usize) -> Option<Case> {
        let request = traced_request();
        Some(match self {
            Self::Bare => bare::server(request),
            Self::Ours => ours::server(ours::tracer(Some(1.0)), request, spans),
            Self::Fastrace => fastrace::recorded(spans),
            Self::Sentry => sentry::server(1.0, request, spans),
            Self::Opentelemetry => opentelemetry::server(true, request, spans),
            Self::Floor | Self::TraceLayer => return None,
        })
    }

    fn in_flight(self, number: usize) -> Case {
        match self {
            Self::Bare => bare::in_flight(number),
            Self::Floor => floor::in_flight(number),
            Self::Ours => ours::in_flight(number),
            Self::Fastrace => fastrace::in_flight(number),
            Self::Sentry => sentry::in_flight(number),
            Self::Opentelemetry => opentelemetry::in_flight(number),
            Self::TraceLayer => trace_layer::in_flight(number),
        }
    }
}
