//! The options of a tracer, checked when it is built.

use std::fmt;
use std::sync::Arc;

use crate::dsc::OwnConstants;
use crate::id::{Dsn, OrganizationId, ParseDsnError};
use crate::policy::SampleRate;
use crate::propagation::{EnvVars, Extract as _, Policy};
use crate::record::{
    Caught, CaughtPanics, Destination, IgnoredSpans, Limits, NamePattern, Requirements, SpanPattern, SpanSink,
};
use crate::sinks::Filter;
use crate::tracer::{BuildError, Observer, Options, PropagationEvent, Sampler, SamplingContext, Tracer};

/// The options of a [`Tracer`], named as in Sentry's documents.
#[derive(Default)]
#[must_use]
pub struct TracerBuilder {
    dsn: Option<Result<Dsn, ParseDsnError>>,
    release: Option<String>,
    environment: Option<String>,
    org_id: Option<u64>,
    traces_sample_rate: Option<f64>,
    traces_sampler: Option<Sampler>,
    policy: Policy,
    continue_from_env_vars: bool,
    filter: Filter,
    ignored_spans: Vec<SpanPattern>,
    limits: Limits,
    sink: Option<Arc<dyn SpanSink>>,
    is_disabled: bool,
    observer: Option<Observer>,
    panics: CaughtPanics,
}

impl Tracer {
    /// Returns a builder with default options. Its tracer propagates traces and records nothing.
    pub fn builder() -> TracerBuilder {
        TracerBuilder::default()
    }

    /// Returns a tracer that records nothing and sends no headers on, like one that is not
    /// [enabled](TracerBuilder::enabled).
    #[must_use]
    pub fn noop() -> Self {
        Self { options: Arc::default() }
    }
}

impl TracerBuilder {
    /// Sets the DSN, parsed or as text. Its public key and organization are sent with every trace that starts here,
    /// and no request to its [endpoint](Dsn::is_endpoint) is traced. An empty text or one of white space counts as no
    /// DSN.
    pub fn dsn(mut self, dsn: impl TryInto<Dsn, Error: Into<ParseDsnError>>) -> Self {
        let parsed = dsn.try_into().map_err(Into::into);
        let is_blank = parsed.as_ref().is_err_and(|error: &ParseDsnError| error.redacted().is_empty());
        self.dsn = (!is_blank).then_some(parsed);
        self
    }

    /// Sets the version of the service, such as `shop@1.4.0`.
    pub fn release(mut self, release: impl Into<String>) -> Self {
        self.release = Some(release.into());
        self
    }

    /// Sets the environment in which the service runs; `production` if unset or empty.
    pub fn environment(mut self, environment: impl Into<String>) -> Self {
        self.environment = Some(environment.into());
        self
    }

    /// Sets the number of the own organization, at least 1. It takes precedence over that of the
    /// DSN's host, which self-hosted Sentry does not have.
    pub fn org_id(mut self, org_id: u64) -> Self {
        self.org_id = Some(org_id);
        self
    }

    /// Sets the share of new traces to record, `0.0..=1.0`. Unset and 0 differ: 0 is a decision, sent on as `-0`.
    pub fn traces_sample_rate(mut self, rate: f64) -> Self {
        self.traces_sample_rate = Some(rate);
        self
    }

    /// Sets a function that chooses the rate of each transaction. It takes precedence over the caller's decision and
    /// the fixed rate. `None` leaves the decision to them. NaN or a rate outside `0.0..=1.0` means not sampled. The
    /// function must not panic: a panic is not caught. What it starts itself is not sampled.
    ///
    /// ```
    /// use trace_core::Tracer;
    ///
    /// let tracer = Tracer::builder()
    ///     .traces_sampler(|transaction| match transaction.name() {
    ///         "GET /health" => Some(0.0),
    ///         _ => Some(transaction.inherit_or(0.25)),
    ///     })
    ///     .build()?;
    /// # Ok::<(), trace_core::BuildError>(())
    /// ```
    pub fn traces_sampler(
        mut self,
        sampler: impl Fn(&SamplingContext<'_>) -> Option<f64> + Send + Sync + 'static,
    ) -> Self {
        self.traces_sampler = Some(Arc::new(sampler));
        self
    }

    /// Sets whether only traces of the own organization are continued. A trace of another known organization is never
    /// continued.
    pub fn strict_trace_continuation(mut self, strict: bool) -> Self {
        self.policy.strict = strict;
        self
    }

    /// Sets whether outgoing requests also get a W3C `traceparent`.
    pub fn propagate_traceparent(mut self, propagate: bool) -> Self {
        self.policy.w3c.propagate = propagate;
        self
    }

    /// Sets whether a W3C `traceparent` is continued if there is no valid `sentry-trace`.
    pub fn accept_traceparent(mut self, accept: bool) -> Self {
        self.policy.w3c.accept = accept;
        self
    }

    /// Sets whether an accepted `traceparent` without the flag "sampled" means not sampled. By default, this service
    /// makes the decision, since Sentry's SDKs write the same value for "not sampled" and for no decision.
    pub fn unsampled_traceparent_is_decision(mut self, is_decision: bool) -> Self {
        self.policy.traceparent_unsampled = is_decision;
        self
    }

    /// Sets whether outgoing requests continue the trace of `SENTRY_TRACE` and `SENTRY_BAGGAGE` while no context is
    /// current. Otherwise each such request gets a trace of its own.
    pub fn continue_from_env_vars(mut self, continue_: bool) -> Self {
        self.continue_from_env_vars = continue_;
        self
    }

    /// Sets whether the tracer does anything. A disabled one records nothing and sends no headers on. The default is
    /// `true`.
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.is_disabled = !enabled;
        self
    }

    /// Sets the receiver of everything that is recorded. Without a sink, the sampling decision is made and sent on, but
    /// nothing is recorded.
    pub fn sink(mut self, sink: impl SpanSink) -> Self {
        self.sink = Some(Arc::new(Caught::new(sink, self.panics.clone())));
        self
    }

    /// Sets a function that receives every decision about propagation. It runs on the thread that makes the decision,
    /// so it should be quick. A panic in it is [caught and counted](Tracer::caught_panics). It is not called for what it
    /// does itself.
    pub fn on_propagation(
        mut self,
        observer: impl Fn(&PropagationEvent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.observer = Some(super::event::caught(observer, self.panics.clone()));
        self
    }

    /// Checks the options.
    ///
    /// # Errors
    ///
    /// If the DSN cannot be parsed, the sample rate is NaN or outside `0.0..=1.0`, the organization is 0, or an ignored
    /// transaction or span has no name.
    pub fn build(self) -> Result<Tracer, BuildError> {
        let invalid = BuildError::new;
        let dsn = self.dsn.transpose().map_err(|error| {
            let rule = error.to_string();
            invalid("dsn", error.redacted().to_owned(), rule)
        })?;
        let rate = match self.traces_sample_rate {
            Some(rate) => Some(SampleRate::new(rate).ok_or_else(|| {
                invalid("traces_sample_rate", rate.to_string(), "it must be a number in 0.0..=1.0".to_owned())
            })?),
            None => None,
        };
        let organization_id = match self.org_id {
            Some(id) => Some(
                OrganizationId::new(id)
                    .ok_or_else(|| invalid("org_id", id.to_string(), "it must be at least 1".to_owned()))?,
            ),
            None => dsn.as_ref().and_then(Dsn::organization_id),
        };
        if self.filter.names.iter().any(NamePattern::is_empty) {
            let rule = "no text may be empty".to_owned();
            return Err(invalid("ignore_transactions", String::new(), rule));
        }
        if self.ignored_spans.iter().any(SpanPattern::is_empty) {
            return Err(invalid("ignore_spans", String::new(), "no text may be empty".to_owned()));
        }
        let ignored_spans = match self.ignored_spans {
            patterns if patterns.is_empty() => IgnoredSpans::None,
            patterns => IgnoredSpans::Matching(patterns.into(), self.panics.clone()),
        };
        let environment = self.environment.filter(|text| !text.is_empty());
        let environment = environment.as_deref().unwrap_or("production");
        let release = self.release.filter(|text| !text.is_empty());
        let constants = OwnConstants::new(dsn.as_ref(), organization_id, release.as_deref(), environment);
        let requirements = self.sink.as_ref().map_or_else(Requirements::default, |sink| sink.requirements());
        let destination = self.sink.map(|sink| {
            let sink = self.filter.clone().in_front_of(sink, self.panics.clone());
            Arc::new(Destination {
                runs_hooks: sink.runs_hooks(),
                sink,
                lifecycle: requirements.lifecycle,
                limits: self.limits,
                deadlines: requirements.deadlines.clone(),
                panics: self.panics.clone(),
            })
        });
        let options = Options {
            dsn,
            policy: Policy { organization_id, ..self.policy },
            rate,
            sampler: self.traces_sampler,
            constants,
            destination,
            filter: self.filter,
            ignored_spans,
            is_enabled: !self.is_disabled && !super::IS_OFF,
            requirements,
            observer: self.observer,
            panics: self.panics,
            environment: None,
        };
        let mut tracer = Tracer { options: Arc::new(options) };
        if self.continue_from_env_vars {
            // The trace is that of the process, whatever is current here.
            let context = tracer.continue_request(&EnvVars::of_process().headers());
            if let Some(options) = Arc::get_mut(&mut tracer.options) {
                options.environment = Some(context).filter(|context| context.continuation().is_continued());
            }
        }
        Ok(tracer)
    }
}

impl fmt::Debug for TracerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TracerBuilder")
            .field("dsn", &self.dsn)
            .field("release", &self.release)
            .field("environment", &self.environment)
            .field("traces_sample_rate", &self.traces_sample_rate)
            .finish_non_exhaustive()
    }
}

mod limits;
mod rules;
#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::process::Command;

    use super::*;
    use crate::suppress_tracing;

    #[test]
    fn a_bad_option_is_named_with_its_value_and_rule() {
        let table = [
            (Tracer::builder().traces_sample_rate(1.5), "traces_sample_rate is \"1.5\"", "0.0..=1.0"),
            (Tracer::builder().traces_sample_rate(f64::NAN), "traces_sample_rate is \"NaN\"", "0.0..=1.0"),
            (Tracer::builder().traces_sample_rate(-0.1), "traces_sample_rate is \"-0.1\"", "0.0..=1.0"),
            (Tracer::builder().dsn("https://host/1"), "dsn is \"https://host/1\"", "public key"),
            (Tracer::builder().dsn("https://key@host/"), "dsn is \"https://key@host/\"", "project id"),
            (
                Tracer::builder().dsn("https://public:s3cret@host:99999/1"),
                "dsn is \"https://public:…@host:99999/1\"",
                "port",
            ),
            (Tracer::builder().org_id(0), "org_id is \"0\"", "at least 1"),
            (Tracer::builder().ignore_transactions([""]), "ignore_transactions is \"\"", "empty"),
            (Tracer::builder().ignore_spans([""]), "ignore_spans is \"\"", "empty"),
        ];
        for (builder, option, rule) in table {
            let message = builder.build().unwrap_err().to_string();
            assert!(message.contains(option) && message.contains(rule), "{message}");
        }
    }

    #[test]
    fn the_trace_of_the_process_is_independent_of_what_is_current() {
        const TRACE: &str = "771a43a4192642f0b136d5159a501700-b72fa28504b07285-1";
        const NAME: &str =
            "tracer::builder::tests::the_trace_of_the_process_is_independent_of_what_is_current";
        if std::env::var_os("SENTRY_TRACE").is_none() {
            let mut test = Command::new(std::env::current_exe().unwrap());
            assert!(test.args(["--exact", NAME]).env("SENTRY_TRACE", TRACE).status().unwrap().success());
            return;
        }
        let build = || Tracer::builder().continue_from_env_vars(true).build().unwrap();
        let tracer = suppress_tracing(build);
        let mut metadata = HashMap::<String, String>::new();
        tracer.map_parent(|parent| parent.inject(&mut metadata));
        assert_eq!(metadata["sentry-trace"][..32], TRACE[..32]);
    }

    #[test]
    fn a_dsn_is_parsed_or_text_and_an_empty_one_is_none() {
        let text = "https://key@o1.ingest.sentry.io/42";
        let parsed: Dsn = text.parse().unwrap();
        let table = [
            ("none", Tracer::builder(), None),
            ("text", Tracer::builder().dsn(text), Some(&parsed)),
            ("owned text", Tracer::builder().dsn(text.to_owned()), Some(&parsed)),
            ("parsed", Tracer::builder().dsn(parsed.clone()), Some(&parsed)),
            ("empty", Tracer::builder().dsn(""), None),
            ("white space", Tracer::builder().dsn(" \t\n"), None),
            ("emptied", Tracer::builder().dsn("no DSN").dsn(""), None),
            ("the last one", Tracer::builder().dsn("no DSN").dsn(text), Some(&parsed)),
        ];
        for (name, builder, expected) in table {
            assert_eq!(builder.build().unwrap().dsn(), expected, "{name}");
        }
    }
}
