//! A frozen dynamic sampling context: parsed, completed by this service, and limited to what fits.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use http::HeaderValue;

use super::name::KnownName;
use crate::policy::{SampleRand, SampleRate};
use crate::wire::baggage::{self, MAX_BYTES, MAX_MEMBERS, Member};

/// A frozen dynamic sampling context: named values in the order in which they travel.
///
/// The values are kept as the raw text of the wire, so that what another SDK sent is sent on byte for byte.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct DynamicSamplingContext {
    /// `sentry-name=value` members with commas between, each name once, no white space, no properties.
    pub(super) text: Option<HeaderValue>,
}

/// The length of a rate of usual length and of a number.
const ROOM_FOR_OWN: usize = ",sentry-sample_rate=0.123456,sentry-sample_rand=0.123456".len();

impl DynamicSamplingContext {
    /// Returns the context of a text that obeys the rules of the field; empty if the text is no header value.
    pub(super) fn from_text(text: impl Into<Bytes>) -> Self {
        let text = HeaderValue::from_maybe_shared(text.into());
        Self { text: text.ok().filter(|text| !text.is_empty()) }
    }

    /// Returns whether the context has no values.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_none()
    }

    /// Returns the decoded value of `name`, such as `release`; `None` if it is absent or its escapes are broken.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut members = self.members();
        let found = members.find(|member| member.sentry_name() == Some(name.as_bytes()))?;
        baggage::decode(found.value)
    }

    /// Iterates over names and decoded values in order. A value is `None` if its escapes are broken; it is still sent
    /// on.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<Cow<'_, str>>)> {
        // To check once that all of it is text saves 3,000 of the row `to-bytes1`.
        let text = self.text.as_ref().and_then(|text| std::str::from_utf8(text.as_bytes()).ok());
        baggage::sentry_members(text.unwrap_or_default())
            .map(|(name, value)| (name, baggage::decode_text(value)))
    }

    /// Returns the members in the form of a `baggage` header; `None` if there are none.
    #[must_use]
    pub fn as_baggage(&self) -> Option<&HeaderValue> {
        self.text.as_ref()
    }

    /// Returns the rate at which the caller sampled, if it is valid.
    pub(crate) fn sample_rate(&self) -> Option<SampleRate> {
        SampleRate::parse(&self.get("sample_rate")?)
    }

    fn members(&self) -> impl Iterator<Item = Member<'_>> {
        self.text.iter().filter_map(|text| baggage::plain_members(text.as_bytes())).flatten().flatten()
    }

    /// Returns the context with this rate and number, each at its previous position or at the end.
    pub(crate) fn with(&self, rate: Option<SampleRate>, rand: Option<SampleRand>) -> Self {
        let mut own = [
            ("sample_rate", rate.map(|rate| rate.to_string())),
            ("sample_rand", rand.map(|rand| rand.to_string())),
        ];
        let length = self.text.as_ref().map_or(0, HeaderValue::len);
        let mut text = Vec::with_capacity(length + ROOM_FOR_OWN);
        for member in self.members() {
            let known = own.iter_mut().find(|(name, _)| member.sentry_name() == Some(name.as_bytes()));
            match known.and_then(|(name, value)| Some((name, value.take()?))) {
                Some((name, value)) => baggage::push_encoded(&mut text, name, &value),
                None => push_raw(&mut text, &member),
            }
        }
        for (name, value) in own {
            if let Some(value) = value {
                baggage::push_encoded(&mut text, name, &value);
            }
        }
        Self::from_text(text)
    }

    /// Returns the context that fits into one header beside `foreign_bytes` and `foreign_members` of others, and the
    /// number of dropped members.
    pub(crate) fn limited(&self, foreign_bytes: usize, foreign_members: usize) -> (Cow<'_, Self>, usize) {
        let separator = usize::from(foreign_members > 0);
        let max_bytes = MAX_BYTES.saturating_sub(foreign_bytes + separator);
        let max_members = MAX_MEMBERS.saturating_sub(foreign_members);
        let text = self.text.as_ref().map_or(&[][..], HeaderValue::as_bytes);
        // Each member needs `sentry-`, `=`, a value and a comma at least, so the members of a short text need not be
        // counted.
        let most = text.len().div_ceil("sentry-=v,".len());
        if text.len() <= max_bytes && most <= max_members {
            return (Cow::Borrowed(self), 0);
        }
        let number = memchr::memchr_iter(b',', text).count() + usize::from(!text.is_empty());
        if text.len() <= max_bytes && number <= max_members {
            return (Cow::Borrowed(self), 0);
        }
        // Listed members come first, in the order of Sentry's document. A member that does not fit is skipped.
        let listed_name = |member: &Member<'_>| member.sentry_name().and_then(KnownName::of);
        let (mut listed, others): (Vec<_>, Vec<_>) =
            self.members().enumerate().partition(|(_, member)| listed_name(member).is_some());
        listed.sort_by_key(|(_, member)| listed_name(member));
        let (mut kept, mut bytes) = (Vec::new(), 0);
        for (position, member) in listed.into_iter().chain(others) {
            let length = member.key.len() + 1 + member.value.len() + usize::from(!kept.is_empty());
            if kept.len() < max_members && bytes + length <= max_bytes {
                bytes += length;
                kept.push((position, member));
            }
        }
        kept.sort_unstable_by_key(|(position, _)| *position);
        let mut text = Vec::with_capacity(bytes);
        kept.iter().for_each(|(_, member)| push_raw(&mut text, member));
        (Cow::Owned(Self::from_text(text)), number - kept.len())
    }
}

pub(super) fn push_raw(text: &mut Vec<u8>, member: &Member<'_>) {
    if !text.is_empty() {
        text.push(b',');
    }
    text.extend_from_slice(member.key);
    text.push(b'=');
    text.extend_from_slice(member.value);
}

/// Names and decoded values, as a map.
impl fmt::Debug for DynamicSamplingContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
