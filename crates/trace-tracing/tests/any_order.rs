//! Whatever the order in which spans are made, entered, left and dropped, also within jobs of other traces: each span is below
//! the one that a model says.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use support::with_layer;
use trace_core::{FinishedSpan, InMemorySink, Tracer};
use tracing::{Dispatch, Span, info_span};

mod support;

#[derive(Debug, Clone)]
enum Step {
    Make,
    Enter(usize),
    Exit(usize),
    /// Drops a span that was never entered, so that its id is that of the next one.
    Drop(usize),
    /// Work in a service span of its own, which is recorded or not.
    Job(bool, Vec<Step>),
}

fn step() -> impl Strategy<Value = Step> {
    let leaf = prop_oneof![
        3 => Just(Step::Make),
        3 => (0..6_usize).prop_map(Step::Enter),
        3 => (0..6_usize).prop_map(Step::Exit),
        1 => (0..6_usize).prop_map(Step::Drop),
    ];
    leaf.prop_recursive(3, 40, 10, |inner| {
        (any::<bool>(), vec(inner, 0..10)).prop_map(|(sampled, steps)| Step::Job(sampled, steps))
    })
}

/// A span that the program has made, with its number if it is recorded.
struct Made {
    span: Option<Span>,
    number: Option<u64>,
    was_entered: bool,
}

struct Model {
    tracer: Tracer,
    dispatch: Dispatch,
    made: Vec<Made>,
    /// The entries of recorded spans, with the job within which each was made: what is entered in a job is left with it.
    entries: Vec<(usize, u32)>,
    /// The number of the parent of each recorded span. The number of a job is the first one within it.
    parents: BTreeMap<u64, u64>,
    last: u64,
    jobs: Vec<trace_core::Span>,
}

impl Model {
    fn run(&mut self, steps: &[Step], job: u32, own: Option<u64>) {
        for step in steps {
            match step {
                Step::Make => {
                    let entered = self.entries.iter().rfind(|(_, of)| *of == job);
                    let parent = entered.and_then(|(place, _)| self.made[*place].number).or(own);
                    self.last += 1;
                    let n = self.last;
                    self.parents.extend(parent.map(|parent| (n, parent)));
                    self.made.push(Made {
                        span: Some(info_span!("span", n)),
                        number: parent.map(|_| n),
                        was_entered: false,
                    });
                }
                Step::Enter(place) => {
                    let Some(Made { span: Some(span), number, was_entered }) = self.made.get_mut(*place)
                    else {
                        continue;
                    };
                    *was_entered = true;
                    self.dispatch.enter(&span.id().unwrap());
                    if number.is_some() {
                        self.entries.push((*place, job));
                    }
                }
                Step::Exit(place) => {
                    let Some(Made { span: Some(span), .. }) = self.made.get(*place) else { continue };
                    self.dispatch.exit(&span.id().unwrap());
                    if let Some(entry) = self.entries.iter().rposition(|(entered, _)| entered == place) {
                        self.entries.remove(entry);
                    }
                }
                Step::Drop(place) => {
                    if let Some(made) = self.made.get_mut(*place).filter(|made| !made.was_entered) {
                        made.span = None;
                    }
                }
                Step::Job(sampled, steps) => {
                    self.last += 1;
                    let (n, span) = (self.last, self.tracer.service_span("task", "job").sampled(*sampled));
                    let span = span.attribute("n", n).start();
                    let context = span.context().clone();
                    // It ends after all spans, which would else be lost.
                    self.jobs.push(span);
                    let inner = n as u32;
                    context.scope(|| self.run(steps, inner, sampled.then_some(n)));
                    self.entries.retain(|(_, job)| *job != inner);
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn each_span_is_below_the_one_that_the_model_says(steps in vec(step(), 0..24)) {
        let (default, tracer, sink) = with_layer(trace_tracing::layer());
        let dispatch = tracing::dispatcher::get_default(Clone::clone);
        let (made, entries, parents) = (vec![], vec![], BTreeMap::new());
        let mut model = Model { tracer, dispatch, made, entries, parents, last: 0, jobs: vec![] };
        model.run(&steps, 0, None);
        let Model { made, parents, jobs, .. } = model;
        drop(made);
        drop(jobs);
        drop(default);
        prop_assert_eq!(recorded(&sink), parents);
    }
}

/// Returns the number of the parent of each span.
fn recorded(sink: &InMemorySink) -> BTreeMap<u64, u64> {
    let number = |span: &FinishedSpan| -> u64 { span.attribute("n").unwrap().to_string().parse().unwrap() };
    let sent = sink.take();
    let all = sent.iter().flat_map(|sent| sent.spans.iter().chain([&sent.root]));
    let numbers: BTreeMap<_, _> = all.map(|span| (span.span_id.to_string(), number(span))).collect();
    let spans = sent.iter().flat_map(|sent| &sent.spans);
    spans.map(|span| (number(span), numbers[&span.parent_span_id.unwrap().to_string()])).collect()
}
