//! Carriers of trace headers: HTTP headers, string maps and pairs, the environment of a process.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::{BuildHasher, Hash};

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::wire::names::TraceHeaderName;

/// A place from which trace headers are read.
pub trait Extract {
    /// Returns the headers that carry a trace, possibly among others. Those of one name are in order. Values that
    /// cannot be an HTTP header value are left out.
    fn headers(&self) -> Cow<'_, HeaderMap>;
}

/// A place to which trace headers are written.
///
/// An example is a message of a broker that has its own type of headers:
///
/// ```
/// use std::borrow::Cow;
///
/// use http::{HeaderMap, HeaderValue};
/// use trace_core::headers::TraceHeaderName;
/// use trace_core::{CarrierFull, Extract, Inject, Tracer};
///
/// #[derive(Default)]
/// struct Message {
///     headers: Vec<(String, Vec<u8>)>,
/// }
///
/// impl Extract for Message {
///     fn headers(&self) -> Cow<'_, HeaderMap> {
///         self.headers.as_slice().headers()
///     }
/// }
///
/// impl Inject for Message {
///     fn set(&mut self, name: TraceHeaderName, value: HeaderValue) -> Result<(), CarrierFull> {
///         self.remove(name);
///         self.headers.push((name.as_str().to_owned(), value.as_bytes().to_owned()));
///         Ok(())
///     }
///
///     fn remove(&mut self, name: TraceHeaderName) {
///         self.headers.retain(|(key, _)| key != name.as_str());
///     }
/// }
///
/// let tracer = Tracer::builder().build()?;
/// let (context, mut message) = (tracer.start_new_trace(), Message::default());
/// context.inject(&mut message);
/// assert_eq!(tracer.continue_trace(&message).trace_id(), context.trace_id());
/// # Ok::<(), trace_core::BuildError>(())
/// ```
pub trait Inject: Extract {
    /// Makes `value` the only value of `name`.
    ///
    /// # Errors
    ///
    /// If the carrier can hold no more; then it has no value of `name`.
    fn set(&mut self, name: TraceHeaderName, value: HeaderValue) -> Result<(), CarrierFull>;

    /// Removes all values of `name`.
    fn remove(&mut self, name: TraceHeaderName);
}

/// The error of a carrier that can hold no more headers, such as a [`HeaderMap`] with 24,576 of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CarrierFull;

impl fmt::Display for CarrierFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot write trace header: the carrier can hold no more headers")
    }
}

impl std::error::Error for CarrierFull {}

impl Extract for HeaderMap {
    fn headers(&self) -> Cow<'_, HeaderMap> {
        Cow::Borrowed(self)
    }
}

impl Inject for HeaderMap {
    fn set(&mut self, name: TraceHeaderName, value: HeaderValue) -> Result<(), CarrierFull> {
        if self.len() > ORDINARY {
            // A full map accepts no new value, not even for a header that it has.
            Inject::remove(self, name);
        }
        self.try_insert(name.header_name(), value).map(drop).map_err(|_| CarrierFull)
    }

    fn remove(&mut self, name: TraceHeaderName) {
        if self.len() > ORDINARY && self.get_all(name.header_name()).iter().nth(ORDINARY).is_some() {
            remove_many(self, name.header_name());
        } else {
            HeaderMap::remove(self, name.header_name());
        }
    }
}

/// The number of header lines that requests rarely exceed.
const ORDINARY: usize = 64;

/// Removes a header of many lines by rebuilding the map. With debug assertions, the map checks all lines for each line
/// that it removes, so that 4000 lines would take 0.3 seconds.
fn remove_many(map: &mut HeaderMap, removed: &HeaderName) {
    let mut last = None;
    for (name, value) in std::mem::take(map) {
        last = name.or(last);
        if let Some(name) = last.as_ref().filter(|name| *name != removed) {
            // The map had room for it before.
            let _room = map.try_append(name, value);
        }
    }
}

/// Returns the headers among pairs that matter here: the trace headers, and those in which a signature names headers.
fn gather<'a>(
    pairs: impl Iterator<Item = (impl AsRef<str> + 'a, impl AsRef<[u8]> + 'a)>,
) -> Cow<'static, HeaderMap> {
    let mut headers = HeaderMap::new();
    for (key, value) in pairs {
        let known = TraceHeaderName::ALL
            .iter()
            .map(|name| name.header_name())
            .chain(&crate::wire::signature::HEADERS);
        let name = known.into_iter().find(|name| key.as_ref().eq_ignore_ascii_case(name.as_str()));
        if let (Some(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_ref())) {
            // Headers beyond the capacity of a map are left out: no request may fail here.
            let _full = headers.try_append(name, value);
        }
    }
    Cow::Owned(headers)
}

/// Names are compared without regard to case.
impl<K: AsRef<str>, V: AsRef<[u8]>> Extract for [(K, V)] {
    fn headers(&self) -> Cow<'_, HeaderMap> {
        gather(self.iter().map(|(key, value)| (key, value)))
    }
}

/// Names are compared without regard to case.
impl<K: AsRef<str>, V: AsRef<[u8]>> Extract for Vec<(K, V)> {
    fn headers(&self) -> Cow<'_, HeaderMap> {
        self.as_slice().headers()
    }
}

/// Names are compared without regard to case.
impl<K: AsRef<str>, V: AsRef<[u8]>, S> Extract for HashMap<K, V, S> {
    fn headers(&self) -> Cow<'_, HeaderMap> {
        gather(self.iter())
    }
}

/// Names are compared without regard to case.
impl<K: AsRef<str>, V: AsRef<[u8]>> Extract for BTreeMap<K, V> {
    fn headers(&self) -> Cow<'_, HeaderMap> {
        gather(self.iter())
    }
}

impl<K, V> Inject for Vec<(K, V)>
where
    K: AsRef<str> + From<&'static str>,
    V: AsRef<[u8]> + From<String>,
{
    fn set(&mut self, name: TraceHeaderName, value: HeaderValue) -> Result<(), CarrierFull> {
        Inject::remove(self, name);
        self.push((name.as_str().into(), text(&value).into()));
        Ok(())
    }

    fn remove(&mut self, name: TraceHeaderName) {
        self.retain(|(key, _)| !key.as_ref().eq_ignore_ascii_case(name.as_str()));
    }
}

impl<K, V, S> Inject for HashMap<K, V, S>
where
    K: AsRef<str> + From<&'static str> + Eq + Hash,
    V: AsRef<[u8]> + From<String>,
    S: BuildHasher,
{
    fn set(&mut self, name: TraceHeaderName, value: HeaderValue) -> Result<(), CarrierFull> {
        Inject::remove(self, name);
        self.insert(name.as_str().into(), text(&value).into());
        Ok(())
    }

    fn remove(&mut self, name: TraceHeaderName) {
        self.retain(|key, _| !key.as_ref().eq_ignore_ascii_case(name.as_str()));
    }
}

impl<K, V> Inject for BTreeMap<K, V>
where
    K: AsRef<str> + From<&'static str> + Ord,
    V: AsRef<[u8]> + From<String>,
{
    fn set(&mut self, name: TraceHeaderName, value: HeaderValue) -> Result<(), CarrierFull> {
        Inject::remove(self, name);
        self.insert(name.as_str().into(), text(&value).into());
        Ok(())
    }

    fn remove(&mut self, name: TraceHeaderName) {
        self.retain(|key, _| !key.as_ref().eq_ignore_ascii_case(name.as_str()));
    }
}

pub(super) fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn baggage(carrier: &(impl Extract + ?Sized)) -> Vec<String> {
        let headers = carrier.headers();
        let lines = headers.get_all(TraceHeaderName::Baggage.header_name()).into_iter();
        lines.map(|line| line.to_str().unwrap().to_owned()).collect()
    }

    fn exercise(carrier: &mut impl Inject) {
        assert_eq!(baggage(carrier), ["a=1"]);
        carrier.set(TraceHeaderName::Baggage, HeaderValue::from_static("b=2")).unwrap();
        assert_eq!(baggage(carrier), ["b=2"]);
        carrier.remove(TraceHeaderName::Baggage);
        assert_eq!(baggage(carrier), [""; 0]);
    }

    #[test]
    fn every_carrier_reads_replaces_and_removes() {
        exercise(&mut HeaderMap::from_iter([(
            TraceHeaderName::Baggage.header_name().clone(),
            HeaderValue::from_static("a=1"),
        )]));
        exercise(&mut vec![("Baggage".to_owned(), "a=1".to_owned())]);
        exercise(&mut HashMap::from([("BAGGAGE".to_owned(), "a=1".to_owned())]));
        exercise(&mut BTreeMap::from([("baggage".to_owned(), "a=1".to_owned())]));
        exercise(Command::new("true").env("SENTRY_BAGGAGE", "a=1"));
    }

    #[test]
    fn headers_of_many_lines_go_and_others_stay_in_order() {
        for number in [1, 2, ORDINARY, ORDINARY + 1, ORDINARY + 2, 1000] {
            let mut map = HeaderMap::new();
            for line in 0..number {
                map.append("x-other", HeaderValue::from(line));
                map.append("baggage", HeaderValue::from(line));
            }
            let others = |map: &HeaderMap| map.get_all("x-other").iter().cloned().collect::<Vec<_>>();
            let before = others(&map);
            Inject::set(&mut map, TraceHeaderName::Baggage, HeaderValue::from_static("a=1")).unwrap();
            assert_eq!((baggage(&map), others(&map)), (vec!["a=1".to_owned()], before.clone()), "{number}");
            for line in 0..number {
                map.append("baggage", HeaderValue::from(line));
            }
            Inject::remove(&mut map, TraceHeaderName::Baggage);
            assert_eq!((baggage(&map), others(&map)), (vec![], before), "{number}");
        }
    }

    #[test]
    fn a_value_that_no_header_can_hold_is_no_value() {
        assert_eq!(baggage([("baggage", "a\n=1")].as_slice()), [""; 0]);
        assert_eq!(baggage([("x", "1"), ("Baggage", "a=1"), ("baggage", "b=2")].as_slice()), ["a=1", "b=2"]);
    }
}
