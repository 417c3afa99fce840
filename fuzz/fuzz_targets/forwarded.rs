//! Any lines of `x-forwarded-for` and `forwarded`: whatever a client writes there, the address that the trusted proxy
//! appends is the client's, and never anything else but an address is recorded.
#![no_main]

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Waker};

use http::header::{HeaderName, HeaderValue};
use http::{Request, Response};
use libfuzzer_sys::fuzz_target;
use tower::{Layer, ServiceExt, service_fn};
use trace_core::{InMemorySink, Tracer};
use trace_server::{TraceServerLayer, TrustedProxies};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED: HeaderName = HeaderName::from_static("forwarded");
const PROXY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
const CLIENT: &str = "192.0.2.7";

static SINK: LazyLock<InMemorySink> = LazyLock::new(InMemorySink::default);
static LAYER: LazyLock<TraceServerLayer> = LazyLock::new(|| {
    let options = Tracer::builder().traces_sample_rate(1.0).sink(SINK.clone());
    TraceServerLayer::new(options.build().expect("valid options"))
        .peer_address(|_| Some(PROXY))
        .record_client_address(true)
});

fuzz_target!(|lines: Vec<&[u8]>| {
    let lines: Vec<_> = lines.iter().filter_map(|line| HeaderValue::from_bytes(line).ok()).collect();
    for (name, appended) in [(X_FORWARDED_FOR, CLIENT.to_owned()), (FORWARDED, format!("for={CLIENT}"))] {
        let seen = client_address(&name, &lines);
        assert!(seen.is_none_or(|address| address.parse::<IpAddr>().is_ok()));

        let own_line = HeaderValue::try_from(appended).expect("visible text");
        let with_proxy: Vec<_> = lines.iter().cloned().chain([own_line]).collect();
        let seen = client_address(&name, &with_proxy).expect("an address");
        // A line of `forwarded` that cannot be read makes all of them unknown.
        let proxy = PROXY.to_string();
        assert!(seen == CLIENT || (name == FORWARDED && seen == proxy), "{seen}: {lines:?}");
    }
});

fn client_address(name: &HeaderName, lines: &[HeaderValue]) -> Option<String> {
    let proxies = TrustedProxies::new(["10.0.0.0/8"]).expect("a network");
    let proxies = if *name == FORWARDED { proxies.writing_forwarded() } else { proxies };
    let handler = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(String::new())));
    let mut request = Request::new(());
    for line in lines {
        request.headers_mut().append(name, line.clone());
    }
    let service = LAYER.clone().trusted_proxies(proxies).layer(handler);
    let call = pin!(service.oneshot(request));
    assert!(call.poll(&mut Context::from_waker(Waker::noop())).is_ready());
    let sent = SINK.take().pop().expect("a transaction");
    sent.root.attribute("client.address").map(ToString::to_string)
}
