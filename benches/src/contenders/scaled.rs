//! The points of the scales, for whom they make sense.

use tower::service_fn;

use super::{Contender, bare, fastrace, floor, opentelemetry, ours, sentry, trace_layer};
use crate::case::Case;
use crate::inputs::{OTHER_URL, Request, traced_request};
use crate::scale::{Axis, Work};

impl Contender {
    /// The work of a point of a scale; `None` if this one has nothing that does it.
    pub(crate) fn scaled(self, axis: Axis, value: usize) -> Option<Case> {
        let client = service_fn(bare);
        match (axis.work(value), self) {
            (Work::Serve(request), _) => Some(self.serving(request)),
            (Work::Forward(request), _) => self.forwarding(request),
            (Work::Copy(request, to), Self::Bare) => Some(bare::proxy(request, to.url())),
            (Work::Copy(request, to), Self::Ours) => Some(ours::proxy(request, to)),
            (Work::Find(texts), _) => self.finding(&texts.iter().map(String::as_str).collect::<Vec<_>>()),
            (Work::Send { url, .. }, Self::Bare) => Some(bare::send(client, url.leak())),
            (Work::Send { targets, url }, Self::Ours) => Some(ours::send(client, Some(targets), url.leak())),
            (Work::Explain { .. }, Self::Bare) => Some(bare::nothing()),
            (Work::Explain { targets, url }, Self::Ours) => Some(ours::explain(targets, url)),
            (Work::Record(spans), _) => self.recording(spans),
            (Work::Poll(number), _) => Some(self.in_flight(number)),
            (Work::Copy { .. } | Work::Send { .. } | Work::Explain { .. }, _) => None,
        }
    }

    fn serving(self, request: Request) -> Case {
        match self {
            Self::Bare => bare::server(request),
            Self::Floor => floor::server(request),
            Self::Ours => ours::server(ours::tracer(None), request, 0),
            Self::Fastrace => fastrace::server(request, 0),
            Self::Sentry => sentry::server(0.0, request, 0),
            Self::Opentelemetry => opentelemetry::server(false, request, 0),
            Self::TraceLayer => trace_layer::server(request),
        }
    }

    fn forwarding(self, request: Request) -> Option<Case> {
        let client = service_fn(bare);
        Some(match self {
            Self::Bare => bare::gateway(request, client),
            Self::Floor => floor::gateway(request, client),
            Self::Ours => ours::gateway(ours::tracer(None), request, client),
            Self::Fastrace => fastrace::gateway(request, client),
            Self::Sentry => sentry::gateway(request, client),
            Self::Opentelemetry => opentelemetry::gateway(request, client),
            Self::TraceLayer => return None,
        })
    }

    fn finding(self, texts: &[&str]) -> Option<Case> {
        let client = service_fn(bare);
        match self {
            Self::Bare => Some(bare::send(client, OTHER_URL)),
            // Its searcher takes few.
            Self::Floor if texts.len() > 10 => None,
            Self::Floor => Some(floor::send(client, texts)),
            Self::Ours => Some(ours::send(client, Some(ours::list(texts)), OTHER_URL)),
            Self::Fastrace | Self::Sentry | Self::Opentelemetry | Self::TraceLayer => None,
        }
    }

    fn recording(self, spans: usize) -> Option<Case> {
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

#[test]
fn we_do_the_work_of_every_scale() {
    for axis in Axis::all() {
        for value in axis.values() {
            for contender in [Contender::Bare, Contender::Ours] {
                let case = contender.scaled(*axis, *value);
                case.unwrap_or_else(|| panic!("{axis:?}: {contender:?}")).warm_up(1);
            }
        }
    }
}
