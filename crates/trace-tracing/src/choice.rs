//! The choice of spans, which is made once for each callsite and thread.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use trace_core::CaughtPanics;
use tracing_core::Metadata;

/// The most callsites of which a thread remembers the choice.
const MOST_CALLSITES: usize = 4096;

thread_local! {
    static CHOSEN: RefCell<HashMap<(usize, usize), bool>> = RefCell::new(HashMap::new());
}

/// A filter on the metadata of spans.
#[derive(Clone)]
pub(crate) struct Choice(Arc<Filter>);

type Filter = dyn Fn(&Metadata<'_>) -> bool + Send + Sync;

impl Choice {
    pub(crate) fn new(filter: impl Fn(&Metadata<'_>) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(filter))
    }

    /// Returns whether the filter accepts the spans of a callsite. A filter that panics refuses them.
    pub(crate) fn accepts(&self, metadata: &'static Metadata<'static>, panics: &CaughtPanics) -> bool {
        let key = (Arc::as_ptr(&self.0).addr(), std::ptr::from_ref(metadata).addr());
        let known = CHOSEN.try_with(|chosen| chosen.try_borrow().ok()?.get(&key).copied());
        known.ok().flatten().unwrap_or_else(|| {
            let accepts = panics.catch(|| (self.0)(metadata)).unwrap_or(false);
            let _ending = CHOSEN.try_with(|chosen| {
                if let Ok(mut chosen) = chosen.try_borrow_mut()
                    && chosen.len() < MOST_CALLSITES
                {
                    chosen.insert(key, accepts);
                }
            });
            accepts
        })
    }
}

/// All spans except those of libraries that describe no work of the service: connections and frames of HTTP/2, tasks and
/// resources for `console-subscriber`, and the request that our server layer records already.
impl Default for Choice {
    fn default() -> Self {
        Self::new(|metadata| !is_noise(metadata.target()))
    }
}

fn is_noise(target: &str) -> bool {
    const NOISE: [&str; 6] =
        ["h2", "hyper", "hyper_util", "tokio", "runtime", "tower_http::trace::make_span"];
    NOISE
        .iter()
        .any(|noise| target.strip_prefix(noise).is_some_and(|rest| rest.is_empty() || rest.starts_with("::")))
}

impl fmt::Debug for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Choice")
    }
}

#[cfg(test)]
mod tests {
    use super::is_noise;

    #[test]
    fn libraries_of_connections_are_noise() {
        let table = [
            ("h2::proto::connection", true),
            ("tokio::task", true),
            ("tower_http::trace::make_span", true),
            ("tokio_shop", false),
            ("h2o", false),
            ("shop::orders", false),
            ("sea_orm", false),
        ];
        for (target, expected) in table {
            assert_eq!(is_noise(target), expected, "{target}");
        }
    }
}
