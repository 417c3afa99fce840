//! What transports trace headers: HTTP headers, string maps and pairs, the environment of a process.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::hash::{BuildHasher, Hash};
use std::process::Command;

use http::{HeaderMap, HeaderValue};

use crate::headers::Name;

/// A place from which trace headers are read.
pub trait Extract {
    /// All values of `name`, in order. Values that could be no HTTP header value are left out.
    fn get_all(&self, name: Name) -> impl Iterator<Item = Cow<'_, HeaderValue>>;

    /// Calls `visit` with all values of the headers that carry a trace; those of one name in order.
    fn visit<'a>(&'a self, mut visit: impl FnMut(Name, Cow<'a, HeaderValue>)) {
        look_up(self, &mut visit);
    }
}

/// Looks for each name by itself. Not generic over what is done, so that where this is the rarer way, the other one need not
/// share that with it, and is compiled as one.
#[inline(never)]
fn look_up<'a>(carrier: &'a (impl Extract + ?Sized), visit: &mut dyn FnMut(Name, Cow<'a, HeaderValue>)) {
    for name in Name::ALL {
        carrier.get_all(name).for_each(|value| visit(name, value));
    }
}

/// Up to so many headers, looking at each costs less than looking up three.
const FEW_HEADERS: usize = 16;

/// A place to which trace headers are written.
pub trait Inject: Extract {
    /// Makes `value` the only value of `name`.
    fn set(&mut self, name: Name, value: HeaderValue);

    /// Removes all values of `name`.
    fn remove(&mut self, name: Name);
}

impl Extract for HeaderMap {
    fn get_all(&self, name: Name) -> impl Iterator<Item = Cow<'_, HeaderValue>> {
        HeaderMap::get_all(self, name.header_name()).into_iter().map(Cow::Borrowed)
    }

    #[inline]
    fn visit<'a>(&'a self, mut visit: impl FnMut(Name, Cow<'a, HeaderValue>)) {
        if self.len() > FEW_HEADERS {
            return look_up(self, &mut visit);
        }
        for (name, value) in self {
            if let Some(name) = Name::of(name) {
                visit(name, Cow::Borrowed(value));
            }
        }
    }
}

impl Inject for HeaderMap {
    fn set(&mut self, name: Name, value: HeaderValue) {
        // A map that can hold no more headers goes without: nothing here may fail a request.
        let _full = self.try_insert(name.into_header_name(), value);
    }

    fn remove(&mut self, name: Name) {
        HeaderMap::remove(self, name.header_name());
    }
}

fn matching<'a, K: AsRef<str> + 'a, V: AsRef<[u8]> + 'a>(
    pairs: impl Iterator<Item = (&'a K, &'a V)>,
    name: Name,
) -> impl Iterator<Item = Cow<'a, HeaderValue>> {
    pairs
        .filter(move |(key, _)| key.as_ref().eq_ignore_ascii_case(name.as_str()))
        .filter_map(|(_, value)| HeaderValue::from_bytes(value.as_ref()).ok())
        .map(Cow::Owned)
}

/// Names are compared without regard to case.
impl<K: AsRef<str>, V: AsRef<[u8]>> Extract for [(K, V)] {
    fn get_all(&self, name: Name) -> impl Iterator<Item = Cow<'_, HeaderValue>> {
        matching(self.iter().map(|(key, value)| (key, value)), name)
    }
}

/// Names are compared without regard to case.
impl<K: AsRef<str>, V: AsRef<[u8]>> Extract for Vec<(K, V)> {
    fn get_all(&self, name: Name) -> impl Iterator<Item = Cow<'_, HeaderValue>> {
        self.as_slice().get_all(name)
    }
}

/// Names are compared without regard to case.
impl<K: AsRef<str>, V: AsRef<[u8]>, S> Extract for HashMap<K, V, S> {
    fn get_all(&self, name: Name) -> impl Iterator<Item = Cow<'_, HeaderValue>> {
        matching(self.iter(), name)
    }
}

/// Names are compared without regard to case.
impl<K: AsRef<str>, V: AsRef<[u8]>> Extract for BTreeMap<K, V> {
    fn get_all(&self, name: Name) -> impl Iterator<Item = Cow<'_, HeaderValue>> {
        matching(self.iter(), name)
    }
}

impl<K, V> Inject for Vec<(K, V)>
where
    K: AsRef<str> + From<&'static str>,
    V: AsRef<[u8]> + From<String>,
{
    fn set(&mut self, name: Name, value: HeaderValue) {
        Inject::remove(self, name);
        self.push((name.as_str().into(), text(&value).into()));
    }

    fn remove(&mut self, name: Name) {
        self.retain(|(key, _)| !key.as_ref().eq_ignore_ascii_case(name.as_str()));
    }
}

impl<K, V, S> Inject for HashMap<K, V, S>
where
    K: AsRef<str> + From<&'static str> + Eq + Hash,
    V: AsRef<[u8]> + From<String>,
    S: BuildHasher,
{
    fn set(&mut self, name: Name, value: HeaderValue) {
        Inject::remove(self, name);
        self.insert(name.as_str().into(), text(&value).into());
    }

    fn remove(&mut self, name: Name) {
        self.retain(|key, _| !key.as_ref().eq_ignore_ascii_case(name.as_str()));
    }
}

impl<K, V> Inject for BTreeMap<K, V>
where
    K: AsRef<str> + From<&'static str> + Ord,
    V: AsRef<[u8]> + From<String>,
{
    fn set(&mut self, name: Name, value: HeaderValue) {
        Inject::remove(self, name);
        self.insert(name.as_str().into(), text(&value).into());
    }

    fn remove(&mut self, name: Name) {
        self.retain(|key, _| !key.as_ref().eq_ignore_ascii_case(name.as_str()));
    }
}

fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

/// The trace a process was started with: the variables `SENTRY_TRACE` and `SENTRY_BAGGAGE`.
///
/// Source: Sentry's Trace Propagation document, environment variables. Read once, when this is made.
///
/// ```
/// use trace_core::{Environment, Tracer};
///
/// let tracer = Tracer::builder().build()?;
/// let job = tracer.continue_trace(&Environment::of_process());
/// job.scope(|| { /* the whole job runs in the trace of whoever started it */ });
/// # Ok::<(), trace_core::BuildError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Environment {
    sentry_trace: Option<HeaderValue>,
    baggage: Option<HeaderValue>,
}

impl Environment {
    /// The variables of this process; none if `SENTRY_USE_ENVIRONMENT` is `false`, `no`, `off`, `n` or `0`.
    #[must_use]
    pub fn of_process() -> Self {
        Self::of(|name| std::env::var_os(name))
    }

    fn of(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let wanted = variable("SENTRY_USE_ENVIRONMENT").is_none_or(|text| {
            let text = text.to_string_lossy().trim().to_ascii_lowercase();
            !["false", "no", "off", "n", "0"].contains(&text.as_str())
        });
        let value = |name| {
            let value = variable(variable_of(name)?).filter(|_| wanted)?;
            HeaderValue::from_bytes(value.as_encoded_bytes()).ok()
        };
        Self { sentry_trace: value(Name::SentryTrace), baggage: value(Name::Baggage) }
    }
}

impl Extract for Environment {
    fn get_all(&self, name: Name) -> impl Iterator<Item = Cow<'_, HeaderValue>> {
        let value = match name {
            Name::SentryTrace => &self.sentry_trace,
            Name::Baggage => &self.baggage,
            Name::Traceparent => &None,
        };
        value.iter().map(Cow::Borrowed)
    }
}

/// The variables set for the child by hand so far.
impl Extract for Command {
    fn get_all(&self, name: Name) -> impl Iterator<Item = Cow<'_, HeaderValue>> {
        let variable = variable_of(name);
        self.get_envs()
            .filter(move |(key, _)| variable.is_some_and(|variable| *key == variable))
            .filter_map(|(_, value)| HeaderValue::from_bytes(value?.as_encoded_bytes()).ok())
            .map(Cow::Owned)
    }
}

/// Variables of the child; removing one also keeps the child from inheriting this process's own.
impl Inject for Command {
    fn set(&mut self, name: Name, value: HeaderValue) {
        if let Some(variable) = variable_of(name) {
            self.env(variable, text(&value));
        }
    }

    fn remove(&mut self, name: Name) {
        if let Some(variable) = variable_of(name) {
            self.env_remove(variable);
        }
    }
}

fn variable_of(name: Name) -> Option<&'static str> {
    match name {
        Name::SentryTrace => Some("SENTRY_TRACE"),
        Name::Baggage => Some("SENTRY_BAGGAGE"),
        Name::Traceparent => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exercise(carrier: &mut impl Inject) {
        assert_eq!(carrier.get_all(Name::Baggage).count(), 1);
        carrier.set(Name::Baggage, HeaderValue::from_static("b=2"));
        let values: Vec<_> = carrier.get_all(Name::Baggage).map(|value| value.into_owned()).collect();
        assert_eq!(values, ["b=2"]);
        carrier.remove(Name::Baggage);
        assert_eq!(carrier.get_all(Name::Baggage).count(), 0);
    }

    #[test]
    fn every_carrier_reads_replaces_and_removes() {
        exercise(&mut HeaderMap::from_iter([(
            Name::Baggage.into_header_name(),
            HeaderValue::from_static("a=1"),
        )]));
        exercise(&mut vec![("Baggage".to_owned(), "a=1".to_owned())]);
        exercise(&mut HashMap::from([("BAGGAGE".to_owned(), "a=1".to_owned())]));
        exercise(&mut BTreeMap::from([("baggage".to_owned(), "a=1".to_owned())]));
        exercise(Command::new("true").env("SENTRY_BAGGAGE", "a=1"));
    }

    #[test]
    fn a_value_that_no_header_can_hold_is_no_value() {
        assert_eq!([("baggage", "a\n=1")].as_slice().get_all(Name::Baggage).count(), 0);
    }

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
            let environment = Environment::of(|name| match name {
                "SENTRY_USE_ENVIRONMENT" => switch.map(Into::into),
                _ => Some(name.into()),
            });
            assert_eq!(environment.get_all(Name::SentryTrace).next().is_some(), read, "{switch:?}");
            assert_eq!(environment.get_all(Name::Baggage).next().is_some(), read);
            assert_eq!(environment.get_all(Name::Traceparent).count(), 0);
        }
    }
}
