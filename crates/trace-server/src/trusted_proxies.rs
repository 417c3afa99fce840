//! The proxies whose word on a client is taken, and which headers they write it to.

use std::fmt;
use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

/// The proxies that tell the address of the client, and the scheme and host that it used.
///
/// Anybody can send these headers. So a proxy is trusted only by its own address, and only for the headers that it writes
/// itself: what it passes through comes from the client.
#[derive(Debug, Clone)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    pub(crate) headers: ForwardingHeaders,
}

/// The headers that the proxies write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ForwardingHeaders {
    /// `x-forwarded-for`, `x-forwarded-proto` and `x-forwarded-host`.
    XForwarded,
    /// `forwarded`, of RFC 7239.
    Forwarded,
}

impl TrustedProxies {
    /// Returns proxies of these addresses and networks, which write `x-forwarded-for` and perhaps `x-forwarded-proto` and
    /// `x-forwarded-host`.
    ///
    /// ```
    /// use trace_server::TrustedProxies;
    ///
    /// let proxies = TrustedProxies::new(["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"])?;
    /// assert!(TrustedProxies::new(["10.0.0.0/33"]).is_err());
    /// # Ok::<(), trace_server::InvalidNetwork>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If a text is neither an address nor a network.
    pub fn new<N: AsRef<str>>(networks: impl IntoIterator<Item = N>) -> Result<Self, InvalidNetwork> {
        let networks =
            networks.into_iter().map(|network| parse(network.as_ref())).collect::<Result<_, _>>()?;
        Ok(Self { networks, headers: ForwardingHeaders::XForwarded })
    }

    /// Returns no proxies.
    pub(crate) fn none() -> Self {
        Self { networks: Vec::new(), headers: ForwardingHeaders::XForwarded }
    }

    /// Sets that the proxies write `forwarded` (RFC 7239), and only that.
    #[must_use]
    pub fn writing_forwarded(self) -> Self {
        Self { headers: ForwardingHeaders::Forwarded, ..self }
    }

    /// Returns whether an address is that of a proxy. An IPv4 address may be written as IPv6.
    pub(crate) fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&address))
    }
}

fn parse(text: &str) -> Result<IpNet, InvalidNetwork> {
    let address = text.parse::<IpAddr>().map(IpNet::from);
    let network = address.or_else(|_| text.parse()).map_err(|_| InvalidNetwork { text: text.to_owned() })?;
    Ok(as_ipv4(network).unwrap_or(network))
}

/// Returns the IPv4 network that is written as IPv6, such as `::ffff:10.0.0.0/104`, since addresses are compared in their
/// shortest form.
fn as_ipv4(network: IpNet) -> Option<IpNet> {
    let IpNet::V6(network) = network else { return None };
    let length = network.prefix_len().checked_sub(96)?;
    Some(Ipv4Net::new(network.addr().to_ipv4_mapped()?, length).ok()?.into())
}

/// The error of a text that is neither an IP address nor an IP network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidNetwork {
    text: String,
}

impl fmt::Display for InvalidNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a trusted proxy must be an IP address or a network such as 10.0.0.0/8, not {:?}",
            self.text
        )
    }
}

impl std::error::Error for InvalidNetwork {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_proxies() {
        let networks =
            ["10.0.0.0/8", "2001:db8::/32", "192.0.2.7", "::ffff:172.16.0.0/108", "::ffff:192.0.2.9"];
        let proxies = TrustedProxies::new(networks).unwrap();
        let table = [
            ("10.255.0.1", true),
            ("11.0.0.1", false),
            ("::ffff:10.0.0.1", true),
            ("192.0.2.7", true),
            ("192.0.2.8", false),
            ("2001:db8::1", true),
            ("2001:db9::1", false),
            ("172.31.0.1", true),
            ("::ffff:172.31.0.1", true),
            ("172.32.0.1", false),
            ("192.0.2.9", true),
            ("::", false),
        ];
        for (address, expected) in table {
            assert_eq!(proxies.contain(address.parse().unwrap()), expected, "{address}");
        }
        assert!(!TrustedProxies::new([""; 0]).unwrap().contain(IpAddr::from([127, 0, 0, 1])));
        for text in ["", "proxy.test", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", " 10.0.0.1"] {
            let error = TrustedProxies::new([text]).unwrap_err().to_string();
            assert!(error.ends_with(&format!("not {text:?}")), "{error}");
        }
    }
}
