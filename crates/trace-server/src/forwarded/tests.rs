//! Which client, scheme and host follow from which headers.

use http::{HeaderName, HeaderValue};

use super::*;

type Line = (&'static str, &'static str);

struct Row {
    name: &'static str,
    peer: &'static str,
    headers: &'static [Line],
    /// Address, scheme and host, `-` if unknown.
    expected: &'static str,
}

const fn row(
    name: &'static str,
    peer: &'static str,
    headers: &'static [Line],
    expected: &'static str,
) -> Row {
    Row { name, peer, headers, expected }
}

fn judge(Row { name, peer, headers, expected }: &Row, proxies: &TrustedProxies) {
    let mut map = HeaderMap::new();
    for (name, line) in *headers {
        map.append(HeaderName::from_static(name), HeaderValue::from_bytes(line.as_bytes()).unwrap());
    }
    let client = Client::of(peer.parse().ok(), &map, proxies);
    let found = [
        client.address.map(|address| address.to_string()),
        client.scheme.map(str::to_owned),
        client.host.map(|host| host.address().to_owned()),
    ];
    assert_eq!(found.map(|part| part.unwrap_or("-".to_owned())).join(" "), *expected, "{name}");
}

const FOR: &str = "x-forwarded-for";
const PROTO: &str = "x-forwarded-proto";
const HOST: &str = "x-forwarded-host";

#[test]
fn what_x_forwarded_tells() {
    let proxies = TrustedProxies::new(["10.0.0.0/8", "fd00::/8"]).unwrap();
    for row in &[
        row("nothing", "10.0.0.1", &[], "10.0.0.1 - -"),
        row(
            "a stranger",
            "192.0.2.1",
            &[(FOR, "1.2.3.4"), (PROTO, "https"), (HOST, "a.test")],
            "192.0.2.1 - -",
        ),
        row("no peer", "", &[(FOR, "1.2.3.4"), (PROTO, "https")], "- - -"),
        row(
            "one",
            "10.0.0.1",
            &[(FOR, "1.2.3.4"), (PROTO, "HTTPS"), (HOST, "a.test:8443")],
            "1.2.3.4 https a.test:8443",
        ),
        row("IPv4 as IPv6", "::ffff:10.0.0.1", &[(FOR, "::ffff:1.2.3.4")], "1.2.3.4 - -"),
        row("what the client wrote", "10.0.0.1", &[(FOR, "9.9.9.9, 1.2.3.4")], "1.2.3.4 - -"),
        row(
            "the client in a trusted network by its own word",
            "10.0.0.1",
            &[(FOR, "10.0.0.9, 1.2.3.4")],
            "1.2.3.4 - -",
        ),
        row("two proxies", "10.0.0.1", &[(FOR, "9.9.9.9,1.2.3.4, 10.0.0.2")], "1.2.3.4 - -"),
        row("two proxies on two lines", "10.0.0.1", &[(FOR, "1.2.3.4"), (FOR, "10.0.0.2")], "1.2.3.4 - -"),
        row(
            "two schemes",
            "10.0.0.1",
            &[(FOR, "1.2.3.4, 10.0.0.2"), (PROTO, "https, http")],
            "1.2.3.4 https -",
        ),
        row(
            "more schemes than proxies",
            "10.0.0.1",
            &[(FOR, "1.2.3.4"), (PROTO, "https, http")],
            "1.2.3.4 http -",
        ),
        row(
            "one scheme of two proxies",
            "10.0.0.1",
            &[(FOR, "1.2.3.4, 10.0.0.2"), (PROTO, "https")],
            "1.2.3.4 https -",
        ),
        row("trusted only", "10.0.0.1", &[(FOR, "10.0.0.3, 10.0.0.2")], "10.0.0.3 - -"),
        row("ports", "10.0.0.1", &[(FOR, "1.2.3.4:56")], "1.2.3.4 - -"),
        row("IPv6", "fd00::1", &[(FOR, "2001:db8::1")], "2001:db8::1 - -"),
        row("IPv6 in brackets", "fd00::1", &[(FOR, "[2001:db8::1]:56, [fd00::2]")], "2001:db8::1 - -"),
        row("hidden", "10.0.0.1", &[(FOR, "1.2.3.4, unknown"), (PROTO, "https")], "- https -"),
        row("empty", "10.0.0.1", &[(FOR, "")], "- - -"),
        row("not to be read", "10.0.0.1", &[(FOR, "1.2.3.4, \u{e9}")], "- - -"),
        row("a scheme alone", "10.0.0.1", &[(PROTO, "https")], "- https -"),
        row("another scheme", "10.0.0.1", &[(FOR, "1.2.3.4"), (PROTO, "ftp"), (HOST, "a b")], "1.2.3.4 - -"),
        row("the other header", "10.0.0.1", &[("forwarded", "for=1.2.3.4")], "10.0.0.1 - -"),
    ] {
        judge(row, &proxies);
    }
}

#[test]
fn what_forwarded_tells() {
    const FORWARDED: &str = "forwarded";
    let proxies = TrustedProxies::new(["10.0.0.0/8"]).unwrap().writing_forwarded();
    for row in &[
        row("nothing", "10.0.0.1", &[], "10.0.0.1 - -"),
        row(
            "one",
            "10.0.0.1",
            &[(FORWARDED, "For=1.2.3.4;proto=https ; host=a.test;by=10.0.0.1")],
            "1.2.3.4 https a.test",
        ),
        row(
            "quoted",
            "10.0.0.1",
            &[(FORWARDED, "for=\"[2001:db8::1]:56\";host=\"a.test:1\"")],
            "2001:db8::1 - a.test:1",
        ),
        row(
            "what the client wrote",
            "10.0.0.1",
            &[(FORWARDED, "for=9.9.9.9;proto=http, for=1.2.3.4")],
            "1.2.3.4 - -",
        ),
        row(
            "two proxies",
            "10.0.0.1",
            &[(FORWARDED, "for=1.2.3.4;proto=https"), (FORWARDED, "for=10.0.0.2;proto=http")],
            "1.2.3.4 https -",
        ),
        row(
            "separators in quotes",
            "10.0.0.1",
            &[(FORWARDED, "for=1.2.3.4;by=\"a,b;proto=http\\\",\";proto=https")],
            "1.2.3.4 https -",
        ),
        row("hidden", "10.0.0.1", &[(FORWARDED, "for=_x1;proto=https")], "- https -"),
        row("no address", "10.0.0.1", &[(FORWARDED, "proto=https")], "- https -"),
        row("an open quote", "10.0.0.1", &[(FORWARDED, "for=\"9.9.9.9, for=1.2.3.4")], "- - -"),
        row(
            "an open quote of the client",
            "10.0.0.1",
            &[(FORWARDED, "for=\"9.9.9.9"), (FORWARDED, "for=1.2.3.4;proto=https")],
            "1.2.3.4 https -",
        ),
        row("a zone", "10.0.0.1", &[(FORWARDED, "for=\"[fe80::1%eth0]\"")], "- - -"),
        row("IPv4 as IPv6", "10.0.0.1", &[(FORWARDED, "for=\"[::ffff:10.0.0.2]:1\"")], "10.0.0.2 - -"),
        row("a port that is none", "10.0.0.1", &[(FORWARDED, "for=\"1.2.3.4:99999\"")], "- - -"),
        row(
            "twice",
            "10.0.0.1",
            &[(FORWARDED, "for=1.2.3.4;for=9.9.9.9;host=\"u:p@a.test\"")],
            "1.2.3.4 - a.test",
        ),
        row("empty", "10.0.0.1", &[(FORWARDED, "")], "- - -"),
        row("a stranger", "1.1.1.1", &[(FORWARDED, "for=1.2.3.4;proto=https")], "1.1.1.1 - -"),
        row("the other header", "10.0.0.1", &[(FOR, "1.2.3.4")], "10.0.0.1 - -"),
    ] {
        judge(row, &proxies);
    }
}

#[test]
fn a_long_list_of_trusted_addresses_is_not_read_to_its_beginning() {
    let by_x = TrustedProxies::new(["10.0.0.0/8"]).unwrap();
    let table = [
        (by_x.clone(), FOR, format!("1.2.3.4{}", ",10.0.0.9".repeat(10_000))),
        (by_x.writing_forwarded(), "forwarded", format!("for=1.2.3.4{}", ",for=10.0.0.9".repeat(10_000))),
    ];
    for (proxies, name, list) in table {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_str(&list).unwrap());
        let client = Client::of(Some([10, 0, 0, 1].into()), &headers, &proxies);
        assert_eq!(client.address, Some([10, 0, 0, 9].into()), "{name}");
    }
}
