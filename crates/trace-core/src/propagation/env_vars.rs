//! The environment variables that carry a trace into a process and on to its children.

use std::borrow::Cow;
use std::ffi::OsString;
use std::process::Command;

use http::{HeaderMap, HeaderValue};

use super::carrier::{CarrierFull, Extract, Inject, text};
use crate::wire::names::TraceHeaderName;

/// The trace that a process was started with: the variables `SENTRY_TRACE` and `SENTRY_BAGGAGE`.
///
/// Source: Sentry's Trace Propagation document, environment variables. They are read once, when this value is made.
///
/// ```
/// use trace_core::{EnvVars, Tracer};
///
/// let tracer = Tracer::builder().build()?;
/// let job = tracer.continue_trace(&EnvVars::of_process());
/// job.scope(|| { /* the whole job runs in the trace of its parent process */ });
/// # Ok::<(), trace_core::BuildError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct EnvVars {
    headers: HeaderMap,
}

impl EnvVars {
    /// Reads the variables of this process. There are none if `SENTRY_USE_ENVIRONMENT` is `false`, `no`, `off`, `n` or
    /// `0`.
    #[must_use]
    pub fn of_process() -> Self {
        Self::of(|name| std::env::var_os(name))
    }

    fn of(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let wanted = variable("SENTRY_USE_ENVIRONMENT").is_none_or(|text| {
            let text = text.to_string_lossy().trim().to_ascii_lowercase();
            !["false", "no", "off", "n", "0"].contains(&text.as_str())
        });
        let headers = if wanted { of_variables(variable) } else { HeaderMap::new() };
        Self { headers }
    }
}

impl Extract for EnvVars {
    fn headers(&self) -> Cow<'_, HeaderMap> {
        Cow::Borrowed(&self.headers)
    }
}

/// The variables that are explicitly set for the child so far.
impl Extract for Command {
    fn headers(&self) -> Cow<'_, HeaderMap> {
        Cow::Owned(of_variables(|variable| {
            let mut set = self.get_envs();
            set.find_map(|(key, value)| (key == variable).then_some(value?.to_owned()))
        }))
    }
}

/// The variables of the child. Removing one also keeps the child from inheriting that of this process.
impl Inject for Command {
    fn set(&mut self, name: TraceHeaderName, value: HeaderValue) -> Result<(), CarrierFull> {
        if let Some(variable) = variable_of(name) {
            self.env(variable, text(&value));
        }
        Ok(())
    }

    fn remove(&mut self, name: TraceHeaderName) {
        if let Some(variable) = variable_of(name) {
            self.env_remove(variable);
        }
    }
}

fn of_variables(variable: impl Fn(&str) -> Option<OsString>) -> HeaderMap {
    let header = |name| {
        let value = variable(variable_of(name)?)?;
        Some((name.header_name().clone(), HeaderValue::from_bytes(value.as_encoded_bytes()).ok()?))
    };
    TraceHeaderName::ALL.into_iter().filter_map(header).collect()
}

fn variable_of(name: TraceHeaderName) -> Option<&'static str> {
    match name {
        TraceHeaderName::SentryTrace => Some("SENTRY_TRACE"),
        TraceHeaderName::Baggage => Some("SENTRY_BAGGAGE"),
        TraceHeaderName::Traceparent | TraceHeaderName::Tracestate => None,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    #[test]
    fn the_environment_can_be_switched_off() {
        let table = [
            (None, true),
            (Some("1"), true),
            (Some("false"), false),
            (Some(" OFF "), false),
            (Some("0"), false),
        ];
        for (switch, read) in table {
            let environment = EnvVars::of(|name| match name {
                "SENTRY_USE_ENVIRONMENT" => switch.map(Into::into),
                _ => Some(name.into()),
            });
            let names: Vec<_> = environment.headers.keys().map(HeaderName::as_str).collect();
            assert_eq!(names, ["sentry-trace", "baggage"][..if read { 2 } else { 0 }], "{switch:?}");
        }
    }
}
