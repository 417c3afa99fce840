//! What proxies tell of a client.
//!
//! Each proxy appends the address of its own peer to a list. So the list is read from its end for as long as the address
//! is that of a trusted proxy; the next one is the client. What stands before that, the client may have written.
//!
//! Source: RFC 7239 for `forwarded`; the others have no standard, and mean what the common proxies make of them.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderValue};
use trace_core::Authority;

use crate::trusted_proxies::{ForwardingHeaders, TrustedProxies};

/// The most proxies that a request may have passed.
const MAX_HOPS: usize = 32;

/// The client of a request, as far as it is known, and the scheme and host that it used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Client<'a> {
    pub(crate) address: Option<IpAddr>,
    pub(crate) scheme: Option<&'static str>,
    pub(crate) host: Option<Authority<'a>>,
}

impl<'a> Client<'a> {
    /// Returns the client of a request that came from `peer`.
    pub(crate) fn of(peer: Option<IpAddr>, headers: &'a HeaderMap, trusted: &TrustedProxies) -> Self {
        let unforwarded = Self { address: peer.map(|peer| peer.to_canonical()), ..Self::default() };
        match peer {
            Some(peer) if trusted.contain(peer) => {
                let hops = match trusted.headers {
                    ForwardingHeaders::XForwarded => x_forwarded(headers, trusted),
                    ForwardingHeaders::Forwarded => forwarded(headers, trusted),
                };
                hops.unwrap_or(unforwarded)
            }
            _ => unforwarded,
        }
    }
}

/// Returns the place of the client in the addresses, counted from the last one, and its address, if it can be read.
fn find_client<'a>(
    addresses: impl Iterator<Item = Option<&'a str>>,
    trusted: &TrustedProxies,
) -> Option<(usize, Option<IpAddr>)> {
    let mut last = None;
    for (place, address) in addresses.take(MAX_HOPS).enumerate() {
        let address = address.and_then(parse_address);
        last = Some((place, address));
        if !address.is_some_and(|address| trusted.contain(address)) {
            break;
        }
    }
    last
}

/// Reads three lists. A proxy that does not append to a list of schemes or hosts has set it.
fn x_forwarded<'a>(headers: &'a HeaderMap, trusted: &TrustedProxies) -> Option<Client<'a>> {
    let addresses = from_the_end(headers, "x-forwarded-for").map(Some);
    let found = find_client(addresses, trusted);
    let (place, address) = found.unwrap_or_default();
    let at_place = |name| from_the_end(headers, name).take(place + 1).last();
    let scheme = at_place("x-forwarded-proto").and_then(parse_scheme);
    let host = at_place("x-forwarded-host").and_then(Authority::parse);
    (found.is_some() || scheme.is_some() || host.is_some()).then_some(Client { address, scheme, host })
}

/// Returns the members of a list, the last one first.
fn from_the_end<'a>(headers: &'a HeaderMap, name: &'static str) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).iter().rev();
    // A line that cannot be read counts as one member that cannot.
    lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(',')).map(str::trim)
}

/// Reads the elements of `forwarded`.
fn forwarded<'a>(headers: &'a HeaderMap, trusted: &TrustedProxies) -> Option<Client<'a>> {
    let lines = headers.get_all("forwarded").iter().rev();
    // A line that cannot be read counts as one element that cannot.
    let elements = |line: &'a HeaderValue| {
        let elements = line.to_str().ok().and_then(|line| split_outside_quotes(line, ','));
        elements.unwrap_or_else(|| vec![""]).into_iter().rev()
    };
    let elements: Vec<_> = lines.flat_map(elements).take(MAX_HOPS).collect();
    let addresses = elements.iter().map(|element| parameter(element, "for"));
    let (place, address) = find_client(addresses, trusted)?;
    let element = elements.get(place)?;
    let scheme = parameter(element, "proto").and_then(parse_scheme);
    let host = parameter(element, "host").and_then(Authority::parse);
    Some(Client { address, scheme, host })
}

/// Returns the value of a parameter, without its quotes. A value with an escaped character is left out: none of ours may
/// hold a character that has to be escaped.
fn parameter<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    split_outside_quotes(element, ';')?.into_iter().find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        let unquoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
        (key.trim().eq_ignore_ascii_case(name) && !unquoted.contains(['"', '\\'])).then_some(unquoted)
    })
}

/// Returns `None` if a quote is not closed.
fn split_outside_quotes(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut in_quotes, mut is_escaped) = (false, false);
    let mut is_separator = |character| {
        let is_quote = character == '"' && !is_escaped;
        is_escaped = in_quotes && character == '\\' && !is_escaped;
        in_quotes ^= is_quote;
        character == separator && !in_quotes
    };
    let parts = text.split(&mut is_separator).map(str::trim).collect();
    (!in_quotes).then_some(parts)
}

/// Reads an address, with a port or without. An IPv6 address may be in brackets.
fn parse_address(text: &str) -> Option<IpAddr> {
    let without_brackets = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = without_brackets.parse().or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()));
    address.ok().map(|address| address.to_canonical())
}

fn parse_scheme(text: &str) -> Option<&'static str> {
    ["https", "http"].into_iter().find(|scheme| text.eq_ignore_ascii_case(scheme))
}

#[cfg(test)]
mod tests;
