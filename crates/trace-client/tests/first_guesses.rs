//! The first guesses of how a list of targets is written all compile, and mean what they seem to mean.

use trace_client::{PropagationTargets, Target, TargetError, TraceClientLayer};
use trace_core::Tracer;

#[test]
fn targets_take_every_form_of_a_list() {
    let layer = || TraceClientLayer::new(Tracer::builder().build().unwrap());
    let texts: Vec<String> = ["api.test", "other.test"].map(String::from).to_vec();
    let table: Vec<(&str, Result<TraceClientLayer, TargetError>)> = vec![
        ("an array of texts", layer().targets(["api.test"])),
        ("an array of several texts", layer().targets(["other.test", "api.test"])),
        ("an array of strings", layer().targets(["api.test".to_owned()])),
        ("an array of targets", layer().targets([Target::host("other.test"), Target::host("api.test")])),
        ("a mixed array", layer().targets([Target::host("other.test"), "api.test".into()])),
        ("a vector of targets", layer().targets(vec![Target::host("api.test")])),
        ("a vector of texts", layer().targets(vec!["api.test"])),
        ("a vector of strings", layer().targets(texts.clone())),
        ("a borrowed vector of strings", layer().targets(&texts)),
        ("a borrowed vector of targets", layer().targets(&vec![Target::host("api.test")])),
        ("a slice of strings", layer().targets(&texts[..1])),
        ("a slice of targets", layer().targets(&[Target::host("api.test"), Target::host("x")][..1])),
        ("a borrowed array of targets", layer().targets(&[Target::host("api.test")])),
        ("a borrowed array of texts", layer().targets(&["api.test"])),
        ("an iterator", layer().targets(["api.test", "other.test"].into_iter().map(Target::host))),
        ("an iterator of texts", layer().targets("api.test,other.test".split(',').map(Target::from))),
        ("finished targets", layer().targets(PropagationTargets::new(["api.test"]).unwrap())),
    ];
    for (name, layer) in table {
        let layer = layer.unwrap();
        let matches = |url: &str| layer.propagation_targets().matches(&url.parse().unwrap());
        assert!(matches("https://api.test/") && !matches("https://stranger.test/"), "{name}");
    }
}

#[test]
fn an_empty_list_needs_no_type_and_matches_nothing() {
    let layer = || TraceClientLayer::new(Tracer::builder().build().unwrap());
    let table = [
        ("an array", layer().targets([])),
        ("an array of texts", layer().targets(Vec::<&str>::new())),
        ("a vector of targets", layer().targets(Vec::<Target>::new())),
        ("finished targets", layer().targets(PropagationTargets::new([]).unwrap())),
    ];
    for (name, layer) in table {
        let layer = layer.unwrap();
        assert!(!layer.propagation_targets().matches(&"https://api.test/".parse().unwrap()), "{name}");
    }
}

#[test]
fn the_default_is_a_list_too() {
    let layer = TraceClientLayer::new(Tracer::builder().build().unwrap());
    let layer = layer.targets([]).unwrap().targets(PropagationTargets::default()).unwrap();
    assert!(layer.propagation_targets().matches(&"https://api.test/".parse().unwrap()));
}

#[test]
fn texts_are_checked_in_every_form() {
    let layer = || TraceClientLayer::new(Tracer::builder().build().unwrap());
    let texts: [&str; 2] = ["api.test", ""];
    for result in [layer().targets(texts), layer().targets(texts.to_vec()), layer().targets(&texts)] {
        assert!(result.unwrap_err().to_string().contains("substring \"\""));
    }
}
