//! Identifiers of traces and spans: fixed-length bytes that are never all zero.
//!
//! Source: Sentry's Trace Propagation document (32 and 16 hex digits). W3C Trace Context forbids the all-zero
//! identifiers. They are rejected here too, because a zero id would merge unrelated requests into one trace.

use std::cell::RefCell;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::num::{NonZeroU64, NonZeroU128};
use std::str::FromStr;

use rand::distr::{Distribution, StandardUniform};
use rand::rngs::{SmallRng, SysRng};
use rand::{RngExt as _, SeedableRng as _};

use crate::id::hex;

/// The identifier that all work of one trace shares across services: 128 bits, never zero.
///
/// ```
/// use trace_core::TraceId;
///
/// let id: TraceId = "771A43A4192642F0B136D5159A501700".parse()?;
/// assert_eq!(id.to_string(), "771a43a4192642f0b136d5159a501700");
/// assert!("00000000000000000000000000000000".parse::<TraceId>().is_err());
/// # Ok::<(), trace_core::ParseIdError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TraceId([u8; 16]);

/// The identifier of one span within its trace: 64 bits, never zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SpanId(NonZeroU64);

thread_local! {
    /// A small generator. Ids must be unique but need not be secret.
    static GENERATOR: RefCell<SmallRng> = RefCell::new(seeded());
}

/// Returns a generator that is seeded by the operating system. Another generator of the thread would not do: a thread
/// that is ending may have destroyed it, and a panic then would abort the process.
fn seeded() -> SmallRng {
    SmallRng::try_from_rng(&mut SysRng)
        .unwrap_or_else(|_| SmallRng::seed_from_u64(RandomState::new().hash_one(0)))
}

fn random<T>() -> T
where
    StandardUniform: Distribution<T>,
{
    // A thread that is ending may have destroyed its generator, on some platforms.
    GENERATOR.try_with(|generator| generator.borrow_mut().random()).unwrap_or_else(|_| seeded().random())
}

impl TraceId {
    /// The number of hex digits of the text form.
    pub const HEX_LENGTH: usize = 32;

    /// Returns a random id.
    #[must_use]
    #[inline]
    pub fn random() -> Self {
        loop {
            if let Some(id) = Self::from_bytes(random::<u128>().to_ne_bytes()) {
                return id;
            }
        }
    }

    /// Returns the id of these bytes, most significant first; `None` if all are zero.
    #[must_use]
    #[inline]
    pub fn from_bytes(bytes: [u8; 16]) -> Option<Self> {
        NonZeroU128::new(u128::from_be_bytes(bytes)).map(|_| Self(bytes))
    }

    /// Returns the bytes, most significant first.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    /// Reads exactly 32 hex digits of either case; `None` for anything else.
    #[inline]
    pub(crate) fn from_hex(digits: &[u8]) -> Option<Self> {
        Self::from_bytes(hex::decode(digits)?)
    }
}

impl SpanId {
    /// The number of hex digits of the text form.
    pub const HEX_LENGTH: usize = 16;

    /// Returns a random id.
    #[must_use]
    #[inline]
    pub fn random() -> Self {
        loop {
            if let Some(id) = NonZeroU64::new(random()) {
                return Self(id);
            }
        }
    }

    /// Returns the id of these bytes, most significant first; `None` if all are zero.
    #[must_use]
    #[inline]
    pub fn from_bytes(bytes: [u8; 8]) -> Option<Self> {
        NonZeroU64::new(u64::from_be_bytes(bytes)).map(Self)
    }

    /// Returns the bytes, most significant first.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 8] {
        self.0.get().to_be_bytes()
    }

    /// Reads exactly 16 hex digits of either case; `None` for anything else.
    #[inline]
    pub(crate) fn from_hex(digits: &[u8]) -> Option<Self> {
        Self::from_bytes(hex::decode(digits)?)
    }
}

macro_rules! text_form {
    ($id:ty, $name:literal) => {
        impl $id {
            /// Writes the digits in lower case.
            pub(crate) fn write(self, text: &mut [u8; Self::HEX_LENGTH]) {
                hex::encode(&self.to_bytes(), text);
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut text = [0; <$id>::HEX_LENGTH];
                self.write(&mut text);
                f.write_str(std::str::from_utf8(&text).unwrap_or_default())
            }
        }

        impl fmt::Debug for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($name, "({})"), self)
            }
        }

        impl FromStr for $id {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::from_hex(text.as_bytes()).ok_or(ParseIdError { name: $name, digits: <$id>::HEX_LENGTH })
            }
        }
    };
}

text_form!(TraceId, "TraceId");
text_form!(SpanId, "SpanId");

/// An error for a text that is not exactly 32 (trace) or 16 (span) hex digits, or is all zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseIdError {
    name: &'static str,
    digits: usize,
}

impl fmt::Display for ParseIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, digits } = self;
        write!(f, "cannot parse {name}: it must be exactly {digits} hex digits, not all zero")
    }
}

impl std::error::Error for ParseIdError {}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use rand::Rng as _;

    use super::*;

    #[test]
    fn ids_are_read_strictly() {
        let table = [
            ("771a43a4192642f0b136d5159a501700", true),
            ("771A43A4192642F0B136D5159A501700", true),
            ("00000000000000000000000000000001", true),
            ("00000000000000000000000000000000", false),
            ("771a43a4192642f0b136d5159a50170", false),
            ("771a43a4192642f0b136d5159a5017000", false),
            ("+71a43a4192642f0b136d5159a501700", false),
            ("771a43a4192642f0b136d5159a50170g", false),
            ("771a43a4192642f0b136d5159a50170\u{e9}", false),
            ("", false),
        ];
        for (text, valid) in table {
            assert_eq!(text.parse::<TraceId>().is_ok(), valid, "{text}");
        }
        assert_eq!("B72FA28504B07285".parse::<SpanId>().unwrap().to_string(), "b72fa28504b07285");
        assert!("0000000000000000".parse::<SpanId>().is_err());
    }

    #[test]
    fn random_ids_differ() {
        assert_ne!(TraceId::random(), TraceId::random());
        assert_ne!(SpanId::random(), SpanId::random());
    }

    #[test]
    fn a_thread_may_make_its_first_id_while_it_ends() {
        struct AtExit(mpsc::Sender<TraceId>);

        impl Drop for AtExit {
            fn drop(&mut self) {
                self.0.send(TraceId::random()).unwrap();
            }
        }

        thread_local! {
            static AT_EXIT: RefCell<Option<AtExit>> = const { RefCell::new(None) };
        }

        let (sender, ids) = mpsc::channel();
        let thread = std::thread::spawn(|| {
            AT_EXIT.set(Some(AtExit(sender)));
            // What is used last is destroyed first.
            rand::rng().next_u32()
        });
        thread.join().unwrap();
        assert!(ids.recv().is_ok());
    }
}
