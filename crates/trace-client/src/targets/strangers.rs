//! The foreign URLs that are similar to a given URL, with hosts that another owner could register.

use super::url::RequestUrl;

/// The host of a foreign URL. Its domain is reserved for tests, so that the URLs of explanations are safe to try.
const STRANGER: &str = "stranger.test";

/// Foreign addresses without a dot, from the ranges that are reserved for documentation.
const DOTLESS: [&str; 2] = ["3221225985", "[2001:db8::66]"];

/// Unassigned top-level domains of the usual lengths.
const TOP_LEVEL_DOMAINS: [&str; 3] = ["test", "zz", "zzz"];

/// Returns a few foreign URLs that are similar to this one, the simplest first. Each is about as long as the URL.
pub(super) fn strangers(url: &RequestUrl<'_>) -> Vec<String> {
    let text = url.to_string();
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", &text));
    let (address, after_slash) = rest.split_once('/').unwrap_or((rest, ""));
    let host = url.host().to_ascii_lowercase();
    let port = address.get(host.len()..).unwrap_or_default();

    // URLs whose path or query contains what a target looks for.
    let mut holding = vec![
        format!("{scheme}://{STRANGER}/?{text}"),
        format!("{scheme}://{STRANGER}/{address}/{after_slash}"),
        format!("{scheme}://{STRANGER}/{text}"),
    ];
    let hosts = similar_hosts(&host);
    let with_host = |host: String| format!("{scheme}://{host}{port}/{after_slash}");
    // The longer host comes second, because most patterns without an end match it.
    let mut similar: Vec<String> = hosts.into_iter().map(with_host).collect();
    let longer = similar.drain(..similar.len().min(1));
    holding.splice(1..1, longer);
    holding.append(&mut similar);
    // URLs of the same length whose host has no dot. A pattern for the labels of a host then reaches the path.
    let dotless = DOTLESS.map(|host| format!("{scheme}://{host}/{address}/{after_slash}"));
    holding.extend(dotless);
    holding.push(format!("{scheme}://1/{}/{after_slash}", address.get(2..).unwrap_or_default()));
    holding
}

/// Returns hosts that begin or end like this one, but have another owner. The last ones have nothing in common with it.
fn similar_hosts(host: &str) -> Vec<String> {
    let is_address = host.starts_with('[') || host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let (below, domain) = split_domain(host);
    let mut hosts = Vec::new();
    if !host.starts_with('[') {
        hosts.push(format!("{host}.{STRANGER}"));
    }
    if !is_address {
        hosts.extend([format!("{host}stranger"), format!("{host}-{STRANGER}")]);
        hosts.extend([format!("stranger{domain}"), format!("{below}stranger{domain}")]);
        if let Some((name, _)) = domain.split_once('.') {
            hosts.extend(TOP_LEVEL_DOMAINS.map(|last| format!("{below}{name}.{last}")));
        }
    }
    // An unescaped dot of a regular expression matches any character. A digit keeps an address valid.
    let (first_dot, any) = if is_address { (0, '2') } else { (below.len().saturating_sub(1), 'x') };
    let dots = host.match_indices('.').map(|(dot, _)| dot).filter(|dot| *dot >= first_dot);
    let replaced =
        dots.take(3).filter_map(|dot| Some(format!("{}{any}{}", host.get(..dot)?, host.get(dot + 1..)?)));
    hosts.extend(replaced);
    hosts.push(STRANGER.to_owned());
    hosts.extend(DOTLESS.map(str::to_owned));
    hosts.retain(|similar| !is_below(similar, domain));
    hosts
}

/// Returns whether a host is a domain or one of its subdomains.
fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|below| below.is_empty() || below.ends_with('.'))
}

/// Splits a host before the domain that its owner registered. The domain is guessed from the labels: two, or three if
/// the last two are short, as in `example.co.uk`.
fn split_domain(host: &str) -> (&str, &str) {
    let mut dots = host.rmatch_indices('.').map(|(dot, _)| dot);
    let (last, second, third) = (dots.next(), dots.next(), dots.next());
    let is_short = |second: usize| {
        host.len() - second <= ".com.uk".len() && last.is_some_and(|last| host.len() - last == ".uk".len())
    };
    let before = match second {
        Some(second) if is_short(second) => third,
        second => second,
    };
    host.split_at(before.map_or(0, |dot| dot + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_split_where_it_was_registered() {
        let table = [
            ("example.com", "", "example.com"),
            ("api.example.com", "api.", "example.com"),
            ("eu.api.example.com", "eu.api.", "example.com"),
            ("example.co.uk", "", "example.co.uk"),
            ("api.example.co.uk", "api.", "example.co.uk"),
            ("api.example.de", "api.", "example.de"),
            ("orders", "", "orders"),
        ];
        for (host, below, domain) in table {
            assert_eq!(split_domain(host), (below, domain), "{host}");
        }
    }

    #[test]
    fn no_similar_host_belongs_to_the_same_owner() {
        for host in [
            "example.com",
            "api.example.com",
            "eu.api.example.co.uk",
            "a.b.c.example.com",
            "[::1]",
            "127.0.0.1",
        ] {
            let (_, domain) = split_domain(host);
            for similar in similar_hosts(host) {
                assert!(similar != domain && !similar.ends_with(&format!(".{domain}")), "{host}: {similar}");
            }
        }
    }
}
