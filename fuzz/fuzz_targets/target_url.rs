//! Any text as a target of each kind, and any text as the URL: a target that names a host cannot be satisfied by a query.
#![no_main]

use http::Uri;
use libfuzzer_sys::fuzz_target;
use trace_client::{PropagationTargets, Target};

fuzz_target!(|texts: (&str, &str)| {
    let (text, url) = texts;
    for kind in [Target::substring, Target::regex, Target::path] {
        if let Ok(targets) = PropagationTargets::new([kind(text.to_owned())]) {
            let _ = targets.explain(url).to_string();
        }
    }
    for kind in [Target::host, Target::origin, Target::subdomains_of, Target::url_prefix] {
        let Ok(targets) = PropagationTargets::new([kind(text.to_owned())]) else {
            continue;
        };
        let matched = targets.explain(url).is_match();
        assert!(
            !targets.explain(&format!("https://stranger.test/?{url}")).is_match() || text.contains("test")
        );
        // What matches goes to a host that the target names.
        if let (true, Ok(uri)) = (matched, url.parse::<Uri>()) {
            let host = uri.authority().map(|authority| authority.host().to_ascii_lowercase());
            assert!(host.is_some_and(|host| names(&text.to_ascii_lowercase(), &host)), "{text:?} {url:?}");
        }
    }
});

/// Whether a target mentions a host or the domain above it.
fn names(target: &str, host: &str) -> bool {
    target.contains(host) || host.split_once('.').is_some_and(|(_, above)| names(target, above))
}
