//! The choice of spans, which a thread makes once for each callsite.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use trace_core::CaughtPanics;
use tracing_core::{Level, LevelFilter, Metadata};

/// The number of callsites of which a thread remembers the choice.
const CALLSITES: usize = 256;

thread_local! {
    /// The last choice at each hash of a callsite.
    static CHOSEN: [Cell<Chosen>; CALLSITES] = const { [const { Cell::new(Chosen { filter: 0, callsite: 0, accepts: false }) }; CALLSITES] };
}

/// The choice of a filter, by its number, for a callsite, by the address of its metadata.
#[derive(Clone, Copy)]
struct Chosen {
    filter: usize,
    callsite: usize,
    accepts: bool,
}

/// A filter on the metadata of spans.
#[derive(Clone)]
pub(crate) struct Choice {
    filter: Arc<Filter>,
    /// Unlike its address it is never that of another filter.
    number: usize,
}

type Filter = dyn Fn(&Metadata<'_>) -> bool + Send + Sync;

impl Choice {
    pub(crate) fn new(filter: impl Fn(&Metadata<'_>) -> bool + Send + Sync + 'static) -> Self {
        static LAST: AtomicUsize = AtomicUsize::new(0);
        Self { filter: Arc::new(filter), number: 1 + LAST.fetch_add(1, Ordering::Relaxed) }
    }

    /// Returns whether the filter accepts the spans of a callsite, and whether they are not more verbose than `level`, which
    /// is the same at each call. A filter that panics refuses them.
    pub(crate) fn accepts(
        &self,
        metadata: &'static Metadata<'static>,
        level: LevelFilter,
        panics: &CaughtPanics,
    ) -> bool {
        let (filter, callsite) = (self.number, std::ptr::from_ref(metadata).addr());
        // Metadata is a static of several words, so the low bits of its address say little.
        let place = ((callsite >> 4) ^ filter) % CALLSITES;
        let known = CHOSEN.with(|chosen| chosen.get(place).map(Cell::get));
        if let Some(known) = known
            && (known.filter, known.callsite) == (filter, callsite)
        {
            return known.accepts;
        }
        let remember = |accepts| {
            CHOSEN.with(|chosen| {
                if let Some(place) = chosen.get(place) {
                    place.set(Chosen { filter, callsite, accepts });
                }
            });
        };
        // A filter may make spans itself: the second of a callsite is refused, so that this ends.
        remember(false);
        let accepts = *metadata.level() <= level && panics.catch(|| (self.filter)(metadata)).unwrap_or(false);
        remember(accepts);
        accepts
    }
}

/// All spans except those of libraries that describe no work of the service: connections and frames of HTTP/2, tasks and
/// resources for `console-subscriber`, each method of sea-orm, and the request that our server layer records already.
impl Default for Choice {
    fn default() -> Self {
        Self::new(|metadata| !is_noise(metadata.target(), *metadata.level()))
    }
}

fn is_noise(target: &str, level: Level) -> bool {
    const NOISE: [&str; 7] =
        ["h2", "hyper", "hyper_util", "tokio", "runtime", "tower_http::trace::make_span", "trace_server"];
    let is_within = |noise: &str| {
        target.strip_prefix(noise).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    // The spans of queries are of level INFO.
    NOISE.iter().any(|noise| is_within(noise)) || level == Level::TRACE && is_within("sea_orm")
}

impl fmt::Debug for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Choice")
    }
}

#[cfg(test)]
mod tests {
    use tracing_core::Level;

    use super::is_noise;

    #[test]
    fn what_describes_no_work_of_the_service_is_noise() {
        let table = [
            ("h2::proto::connection", Level::INFO, true),
            ("tokio::task", Level::INFO, true),
            ("tower_http::trace::make_span", Level::DEBUG, true),
            ("trace_server", Level::INFO, true),
            ("tokio_shop", Level::INFO, false),
            ("h2o", Level::INFO, false),
            ("shop::orders", Level::TRACE, false),
            ("sea_orm::database::db_connection", Level::INFO, false),
            ("sea_orm::database::db_connection", Level::TRACE, true),
        ];
        for (target, level, expected) in table {
            assert_eq!(is_noise(target, level), expected, "{target} {level}");
        }
    }
}
