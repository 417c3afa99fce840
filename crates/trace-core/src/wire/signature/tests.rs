use http::HeaderValue;

use super::*;

fn signed(headers: &[(&'static str, &str)], query: Option<&str>) -> Vec<&'static str> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, HeaderValue::from_str(value).unwrap());
    }
    let signed = SignedHeaders::of(&map, query);
    TraceHeaderName::ALL.into_iter().filter(|name| signed.has(*name)).map(TraceHeaderName::as_str).collect()
}

#[test]
fn each_scheme_names_headers_where_it_does() {
    let table: &[(&str, (&'static str, &str), &[&str])] = &[
        (
            "SigV4",
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260808/eu-west-1/s3/aws4_request, \
                 SignedHeaders=baggage;host;x-amz-date, Signature=00",
            ),
            &["baggage"],
        ),
        (
            "SigV4 without spaces, the last name",
            ("authorization", "AWS4-HMAC-SHA256 Credential=A,SignedHeaders=host;sentry-trace,Signature=00"),
            &["sentry-trace"],
        ),
        (
            "SigV4A",
            (
                "authorization",
                "AWS4-ECDSA-P256-SHA256 Credential=A, SignedHeaders=host;tracestate, Signature=00",
            ),
            &["tracestate"],
        ),
        (
            "Google",
            ("authorization", "GOOG4-RSA-SHA256 Credential=A, SignedHeaders=host;traceparent, Signature=00"),
            &["traceparent"],
        ),
        (
            "Azure",
            ("authorization", "HMAC-SHA256 Credential=a&SignedHeaders=date;host;baggage&Signature=x"),
            &["baggage"],
        ),
        (
            "Alibaba OSS",
            ("authorization", "OSS4-HMAC-SHA256 Credential=a,AdditionalHeaders=baggage,Signature=x"),
            &["baggage"],
        ),
        ("Alibaba's gateway", ("x-ca-signature-headers", "X-Ca-Key,baggage"), &["baggage"]),
        (
            "Baidu",
            ("authorization", "bce-auth-v1/key/2026-11-26T00:00:00Z/1800/baggage;host/00"),
            &["baggage"],
        ),
        (
            "draft-cavage in its header",
            ("signature", r#"keyId="k",headers="(request-target) host Baggage date",signature="x""#),
            &["baggage"],
        ),
        (
            "draft-cavage in authorization",
            ("authorization", r#"Signature keyId="k",algorithm="hs2019",headers="sentry-trace baggage""#),
            &["sentry-trace", "baggage"],
        ),
        (
            "others only",
            ("authorization", "AWS4-HMAC-SHA256 SignedHeaders=host;x-baggage;baggage-tag;x-amz-date"),
            &[],
        ),
        (
            "a key that is called so",
            ("authorization", "Digest username=\"baggage\", uri=\"/baggage/7\""),
            &[],
        ),
        ("a bearer", ("authorization", "Bearer baggage.baggage.baggage"), &[]),
        ("a credential that is called so", ("authorization", "Basic baggage"), &[]),
    ];
    for (name, header, expected) in table {
        assert_eq!(signed(&[*header], None), *expected, "{name}");
    }
}

#[test]
fn message_signatures_are_read_by_their_grammar() {
    let all = ["sentry-trace", "baggage", "traceparent", "tracestate"];
    let table: &[(&str, &[&str])] = &[
        (r#"sig1=("@method" "sentry-trace" "x-d";key="k");created=1;keyid="baggage""#, &["sentry-trace"]),
        (r#"sig1=("host"), sig2=("baggage";sf "traceparent")"#, &["baggage", "traceparent"]),
        (r#"sig1=( "baggage"   "host" )"#, &["baggage"]),
        (r#"sig1=("a;b\"" "baggage")"#, &["baggage"]),
        (r#"sig1=("x";key="baggage" "host")"#, &[]),
        (r#"sig1=("x";key="(baggage" "host");nonce="(""#, &[]),
        ("sig1=();created=1", &[]),
        ("sig1", &[]),
        (
            r#"sig1=("host");expires=1;alg="ed25519";tag="(x", sig2=:aGk=:, sig3=("traceparent";req)"#,
            &["traceparent"],
        ),
        ("sig1=(sentry-trace)", &all),
        (r#"sig1=("host""#, &all),
        (r#"sig1=("host)"#, &all),
        (r#"sig1=(("host"))"#, &all),
        (r#"sig1="host")"#, &all),
        ("sig1=(\"host\"\t\"baggage\")", &all),
        (r#"sig1=("host""baggage")"#, &all),
        (r#"sig1=("host";req"baggage")"#, &all),
        (r#"sig1=("x" "bag\gage")"#, &all),
        (r#"sig1=("host")x"#, &all),
        (r#"sig1=("host"),"#, &all),
        (r#"sig1=("host");"#, &all),
        ("=(\"host\")", &all),
        ("", &all),
    ];
    for (line, expected) in table {
        assert_eq!(signed(&[("signature-input", line)], None), *expected, "{line}");
    }
    let lines = [("signature-input", r#"sig1=("baggage")"#), ("signature-input", r#"sig2=("sentry-trace")"#)];
    assert_eq!(signed(&lines, None), ["sentry-trace", "baggage"], "two lines");
}

#[test]
fn presigned_urls_name_headers_in_their_query() {
    let table: &[(&str, &[&str])] = &[
        (
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-SignedHeaders=host%3Bbaggage&X-Amz-Signature=00",
            &["baggage"],
        ),
        ("X-Goog-SignedHeaders=host;sentry-trace", &["sentry-trace"]),
        ("x-amz-signedheaders=Baggage", &["baggage"]),
        ("X-Amz%2DSignedHeaders=baggage", &["baggage"]),
        ("x-oss-additional-headers=baggage", &["baggage"]),
        ("q-sign-algorithm=sha1&q-header-list=baggage;host&q-signature=x", &["baggage"]),
        ("X-Amz-SignedHeaders=host", &[]),
        ("kind=baggage&sort=sentry-trace", &[]),
        ("X-Amz-SignedHeaders", &[]),
        ("", &[]),
    ];
    for (query, expected) in table {
        assert_eq!(signed(&[], Some(query)), *expected, "{query}");
    }
}
