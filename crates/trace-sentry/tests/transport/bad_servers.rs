//! Servers and proxies that are not there, or not what they should be.

use std::env;
use std::process::Command;
use std::time::{Duration, Instant};

use collector::Nobody;
use sentry::{Client, ClientOptions};
use trace_sentry::{SentrySink, Transport};

use crate::client::{Tapped, counts, error};
use crate::server::{Mood, Server};

const LOST: u64 = 10;

#[test]
fn nothing_waits_for_what_cannot_be_reached_and_all_of_it_is_counted() {
    let (nobody, http, silent) = (Nobody::bind(), Server::start(Mood::Quick), Server::start(Mood::Silent));
    let nobody = nobody.address.to_string();
    let to =
        |scheme: &str, address: &str| ClientOptions::new().dsn(&format!("{scheme}://public@{address}/42"));
    let refusing = Server::start(Mood::Status("407 Proxy Authentication Required"));
    let far = || to("http", "sentry.example.com");
    let table = [
        ("nobody listens", to("http", &nobody), "network_error error"),
        ("no such host", to("http", "nowhere.invalid"), "network_error error"),
        ("a host without TLS", to("https", &http.address), "network_error error"),
        ("nothing answers", to("http", &silent.address), "network_error error"),
        (
            "a proxy that asks for a password",
            far().http_proxy(format!("http://{}", refusing.address)),
            "send_error error",
        ),
        ("no proxy", far().http_proxy(format!("http://{nobody}")), "network_error error"),
        ("a proxy that is no URL", far().http_proxy("http://"), "internal_sdk_error error"),
        ("a proxy of an unknown kind", far().http_proxy("gopher://a"), "network_error error"),
    ];
    for (name, options, loss) in table {
        let began = Instant::now();
        let tapped = Tapped::new(options, Transport::new().timeout(Duration::from_millis(500)));
        (0..LOST).for_each(|_| tapped.send(error()));
        assert!(began.elapsed() < Duration::from_secs(1), "{name}");
        tapped.flush();
        assert_eq!(tapped.losses(), counts(&[(loss, LOST)]), "{name}");
    }
    assert!(http.accepted().is_empty());
}

#[test]
fn the_option_debug_tells_each_kind_of_failure_once() {
    const CASE: &str = "TRACE_SENTRY_TEST_DEBUG";
    if let Ok(case) = env::var(CASE) {
        let (dsn, debug) = case.split_once(' ').unwrap();
        let options = ClientOptions::new().dsn(dsn).traces_sample_rate(1.0).debug(debug == "true");
        let sink = SentrySink::new(Client::from_config(options.transport(Transport::new())).into()).unwrap();
        let tracer = sink.tracer().build().unwrap();
        for _ in 0..5 {
            tracer.service_span("task", "job").start().end();
            _ = sink.flush(Duration::from_secs(10));
        }
        return;
    }
    let server = Server::start(Mood::Status("403 Forbidden"));
    for (debug, times) in [(true, 1), (false, 0)] {
        let output = Command::new(env::current_exe().unwrap())
            .args(["--exact", "bad_servers::the_option_debug_tells_each_kind_of_failure_once", "--nocapture"])
            .env(CASE, format!("{} {debug}", server.dsn()))
            .output()
            .unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        let told = told.matches("an envelope was not delivered: the server answered 403 Forbidden").count();
        assert_eq!((output.status.success(), told), (true, times), "debug: {debug}");
    }
}

#[test]
fn a_proxy_gets_the_request_with_its_credentials() {
    let proxy = Server::start(Mood::Quick);
    let options = ClientOptions::new()
        .dsn("http://public@sentry.example.com/42")
        .http_proxy(format!("http://user:p%40ss@{}", proxy.address));
    let tapped = Tapped::new(options, Transport::new());
    tapped.send(error());
    tapped.flush();
    let requests = proxy.accepted();
    assert_eq!(requests[0].line, "POST http://sentry.example.com/api/42/envelope/ HTTP/1.1");
    assert_eq!(requests[0].headers["proxy-authorization"], "Basic dXNlcjpwQHNz");
    assert_eq!(tapped.losses(), counts(&[]));
}
