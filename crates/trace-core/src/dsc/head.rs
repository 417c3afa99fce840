//! The dynamic sampling context of a trace that starts here: open until it first leaves the process.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::DynamicSamplingContext;
use crate::dsn::{Dsn, OrganizationId};
use crate::id::TraceId;
use crate::sampling::{Decision, SampleRand};
use crate::wire::baggage::push_encoded;

/// The members that are the same for every trace of a tracer, encoded once.
#[derive(Debug, Clone)]
pub(crate) struct HeadConstants(Arc<str>);

impl HeadConstants {
    pub(crate) fn new(
        dsn: Option<&Dsn>,
        organization_id: Option<OrganizationId>,
        release: Option<&str>,
        environment: &str,
    ) -> Self {
        let mut text = String::new();
        if let Some(dsn) = dsn {
            push_encoded(&mut text, "public_key", dsn.public_key());
        }
        if let Some(id) = organization_id {
            push_encoded(&mut text, "org_id", &id.to_string());
        }
        if let Some(release) = release {
            push_encoded(&mut text, "release", release);
        }
        push_encoded(&mut text, "environment", environment);
        Self(text.into())
    }

    /// The context of a trace about which nothing else can become known.
    pub(crate) fn undecided(&self, trace_id: TraceId, sample_rand: SampleRand) -> DynamicSamplingContext {
        self.render(trace_id, sample_rand, &Open::default())
    }

    fn render(&self, trace_id: TraceId, sample_rand: SampleRand, open: &Open) -> DynamicSamplingContext {
        let Self(constants) = self;
        let Open { decision, transaction } = open;
        // The exact length, so that the text of an undecided trace is allocated once and becomes the header as it is.
        let ids = "sentry-trace_id=,,sentry-sample_rand=0.000000".len() + 2 * size_of::<TraceId>();
        let mut text = String::with_capacity(ids + constants.len());
        let _infallible =
            write!(text, "sentry-trace_id={trace_id},{constants},sentry-sample_rand={sample_rand}");
        if let Some(rate) = decision.and_then(|decision| decision.rate) {
            push_encoded(&mut text, "sample_rate", &rate.to_string());
        }
        if let Some(sampled) = decision.and_then(|decision| decision.sampled) {
            push_encoded(&mut text, "sampled", if sampled { "true" } else { "false" });
        }
        if let Some(transaction) = transaction {
            push_encoded(&mut text, "transaction", transaction);
        }
        DynamicSamplingContext::from_text(text)
    }
}

/// A context that can still change, shared by everything that happens in its trace in this process.
#[derive(Debug)]
pub(crate) struct Head {
    trace_id: TraceId,
    sample_rand: SampleRand,
    constants: HeadConstants,
    open: Mutex<Open>,
    frozen: OnceLock<DynamicSamplingContext>,
}

/// What may become known late.
#[derive(Debug, Default)]
struct Open {
    decision: Option<Decision>,
    transaction: Option<String>,
}

impl Head {
    pub(crate) fn new(trace_id: TraceId, sample_rand: SampleRand, constants: HeadConstants) -> Self {
        Self { trace_id, sample_rand, constants, open: Mutex::default(), frozen: OnceLock::new() }
    }

    /// Sets the decision; without effect once frozen.
    pub(crate) fn decide(&self, decision: Decision) {
        self.change(|open| open.decision = Some(decision));
    }

    /// Sets the transaction's name, `None` if it is of low quality; without effect once frozen.
    pub(crate) fn name(&self, transaction: Option<String>) {
        self.change(|open| open.transaction = transaction);
    }

    /// The context, which from now on does not change: call it when it leaves the process.
    pub(crate) fn freeze(&self) -> &DynamicSamplingContext {
        self.frozen.get_or_init(|| {
            let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            self.constants.render(self.trace_id, self.sample_rand, &open)
        })
    }

    fn change(&self, change: impl FnOnce(&mut Open)) {
        change(&mut self.open.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
