//! `--target` in each of its forms, and `--no-targets`.

use serde_json::Value;

use crate::service::Service;

#[tokio::test]
async fn headers_go_to_targets_only() {
    let next = Service::start(&[]);
    let port = next.url.rsplit(':').next().unwrap();
    let table = [
        (vec![], true),
        (vec!["--no-targets".to_owned()], false),
        (vec!["--target=host:127.0.0.1".to_owned()], true),
        (vec!["--target=host:example.com".to_owned()], false),
        (vec!["--target".to_owned(), format!("origin:{}", next.url)], true),
        (vec!["--target".to_owned(), "origin:http://127.0.0.1:1".to_owned()], false),
        (vec![format!("--target=prefix:{}/le", next.url)], true),
        (vec![format!("--target=prefix:{}/other", next.url)], false),
        (vec![r"--target=regex:/l[ea]+f$".to_owned()], true),
        (vec!["--target=path:/leaf".to_owned()], true),
        (vec!["--target=path:/hop".to_owned()], false),
        (vec![format!("--target={port}/leaf")], true),
        (vec!["--target=elsewhere".to_owned()], false),
        (vec!["--target=elsewhere".to_owned(), "--target=leaf".to_owned()], true),
    ];
    for (flags, is_target) in table {
        let flags: Vec<_> = flags.iter().map(String::as_str).collect();
        let service = Service::start(&flags);
        for via in ["hyper", "reqwest"] {
            let (_, downstream) = service.hop(&next, via, &[]).await;
            let received = &downstream["received"];
            assert_eq!(received["sentry-trace"] != Value::Null, is_target, "{flags:?} {via}: {downstream}");
            assert_eq!(received["baggage"] != Value::Null, is_target, "{flags:?} {via}: {downstream}");
        }
    }
}

#[tokio::test]
async fn the_host_of_the_dsn_is_a_target_beside_its_endpoint() {
    let next = Service::start(&[]);
    let dsn = format!("http://key@{}/42", next.url.trim_start_matches("http://"));
    let (_, downstream) = Service::start(&["--dsn", &dsn]).hop(&next, "hyper", &[]).await;
    assert_ne!(downstream["received"]["sentry-trace"], Value::Null);
}
