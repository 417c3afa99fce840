//! A body that does exactly what a script says.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use tower::BoxError;

use crate::gate::Gate;

/// What a [`ScriptedBody`] does next.
pub enum Step {
    /// Yields a frame of data.
    Data(&'static str),
    /// Is pending until the test opens the gate.
    Wait(Gate),
    /// Yields trailers.
    Trailers(HeaderMap),
    /// Yields an error.
    Fail,
    /// Panics.
    Panic,
}

/// A body that does exactly what a script says. By default it tells neither its size nor its end in advance.
#[derive(Default)]
pub struct ScriptedBody {
    steps: VecDeque<Step>,
    tells_size: bool,
    claims: Option<u64>,
    tells_end: bool,
    waiting: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl ScriptedBody {
    /// A body of these steps.
    pub fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: steps.into_iter().collect(), ..Self::default() }
    }

    /// The same with an exact size hint.
    pub fn telling_size(self) -> Self {
        Self { tells_size: true, ..self }
    }

    /// The same with this exact size hint, however much there is.
    pub fn claiming(self, size: u64) -> Self {
        Self { claims: Some(size), ..self }
    }

    /// The same with `is_end_stream` true as soon as no step is left.
    pub fn telling_end(self) -> Self {
        Self { tells_end: true, ..self }
    }

    fn remaining(&self) -> u64 {
        let length = |step: &Step| match step {
            Step::Data(text) => text.len() as u64,
            _ => 0,
        };
        self.steps.iter().map(length).sum()
    }
}

impl Body for ScriptedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        loop {
            if let Some(waiting) = &mut self.waiting {
                ready!(waiting.as_mut().poll(cx));
                self.waiting = None;
            }
            return Poll::Ready(match self.steps.pop_front() {
                Some(Step::Wait(gate)) => {
                    self.waiting = Some(Box::pin(async move { gate.opened().await }));
                    continue;
                }
                Some(Step::Data(text)) => Some(Ok(Frame::data(text.into()))),
                Some(Step::Trailers(trailers)) => Some(Ok(Frame::trailers(trailers))),
                Some(Step::Fail) => Some(Err("the body fails by its script".into())),
                Some(Step::Panic) => panic!("the body panics by its script"),
                None => None,
            });
        }
    }

    fn is_end_stream(&self) -> bool {
        self.tells_end && self.steps.is_empty() && self.waiting.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let known = self.claims.or(self.tells_size.then(|| self.remaining()));
        known.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
