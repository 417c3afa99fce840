use super::rand::backfill_range;
use super::rate::MILLION;
use super::*;
use crate::id::TraceId;

fn rate(number: f64) -> SampleRate {
    SampleRate::new(number).unwrap()
}

fn trace(n: u128) -> TraceId {
    TraceId::from_bytes(n.to_be_bytes()).unwrap()
}

#[test]
fn intervals_are_exact_integers() {
    let table = [
        (0.25, Some(true), 0..250_000),
        (0.25, Some(false), 250_000..MILLION),
        (0.3333333, Some(true), 0..333_334),
        (0.3333333, Some(false), 333_334..MILLION),
        (0.0000005, Some(true), 0..1),
        (0.0000005, Some(false), 1..MILLION),
        (0.9999999, Some(true), 0..MILLION),
        (0.9999999, Some(false), MILLION..MILLION),
        (1.0, Some(false), MILLION..MILLION),
        (0.0, Some(true), 0..0),
        (0.29, Some(true), 0..290_000),
        (0.5, None, 0..MILLION),
    ];
    for (number, sampled, expected) in table {
        assert_eq!(backfill_range(Some(rate(number)), sampled), expected, "{number} {sampled:?}");
    }
    assert_eq!(backfill_range(None, Some(true)), 0..MILLION);
    assert_eq!(SampleRand::backfilled(trace(1), Some(SampleRate::NONE), Some(true)), None);
}

#[test]
fn every_millionth_agrees_with_its_text() {
    for n in (0..MILLION).step_by(997).chain([0, 1, 7, 290_000, 999_999]) {
        let text = SampleRand(n).to_string();
        assert_eq!(SampleRand::parse(text.as_bytes()), Some(SampleRand(n)), "{text}");
        let rate = SampleRate::parse(&text).unwrap();
        assert_eq!(rate.millionths(), n);
        assert!(!SampleRand(n).is_below(rate));
        assert!(n == 0 || SampleRand(n - 1).is_below(rate));
    }
    assert!(SampleRand(MILLION - 1).is_below(SampleRate::ALL));
    assert!(!SampleRand(0).is_below(SampleRate::NONE));
}

#[test]
fn backfilled_numbers_lie_in_their_interval() {
    for n in 1..2000 {
        let third = Some(rate(0.3333333));
        assert!(SampleRand::backfilled(trace(n), third, Some(true)).unwrap() <= SampleRand(333_333));
        assert!(SampleRand::backfilled(trace(n), third, Some(false)).unwrap() >= SampleRand(333_334));
        assert!(SampleRand::of_trace(trace(n)) < SampleRand(MILLION));
    }
}

#[test]
fn same_trace_same_number_on_every_platform() {
    let id = "771a43a4192642f0b136d5159a501700".parse().unwrap();
    assert_eq!(SampleRand::of_trace(id), SampleRand::of_trace(id));
    assert_eq!(SampleRand::of_trace(id).to_string(), "0.934254");
}

#[test]
fn numbers_by_the_grammar_of_json() {
    let table = [
        ("0", Some(0.0)),
        ("1", Some(1.0)),
        ("1.0", Some(1.0)),
        ("-0", Some(0.0)),
        ("0.5", Some(0.5)),
        ("1e-05", Some(0.00001)),
        ("1E-5", Some(0.00001)),
        ("5e-1", Some(0.5)),
        ("-0.1", None),
        ("1.000001", None),
        ("2", None),
        (".5", None),
        ("5.", None),
        ("+0.5", None),
        ("00.5", None),
        ("0.5abc", None),
        (" 0.5", None),
        ("0,5", None),
        ("0x1", None),
        ("NaN", None),
        ("inf", None),
        ("1e", None),
        ("e1", None),
        ("-", None),
        ("", None),
    ];
    for (text, expected) in table {
        assert_eq!(SampleRate::parse(text).map(SampleRate::get), expected, "{text:?}");
    }
}

#[test]
fn sample_rand_is_cut_off_not_rounded() {
    let table = [
        ("0.9999999", Some(999_999)),
        ("0.1234567890123", Some(123_456)),
        ("1e-7", Some(0)),
        ("0.000007", Some(7)),
        ("0.29", Some(290_000)),
        ("0.2499999999999999", Some(249_999)),
        ("0.24999999999999999", Some(250_000)),
        ("0.12345x", None),
        ("0", Some(0)),
        ("1", None),
        ("1.0", None),
        ("-0.5", None),
        ("x", None),
    ];
    for (text, expected) in table {
        assert_eq!(SampleRand::parse(text.as_bytes()).map(SampleRand::millionths), expected, "{text:?}");
    }
}

#[test]
fn rates_are_written_plainly() {
    for (number, text) in
        [(0.7, "0.7"), (1.0, "1"), (0.0, "0"), (-0.0, "0"), (1e-7, "0.0000001"), (0.1, "0.1")]
    {
        assert_eq!(rate(number).to_string(), text);
    }
    for number in [f64::NAN, f64::INFINITY, -0.1, 1.1] {
        assert_eq!(SampleRate::new(number), None, "{number}");
    }
}

#[test]
fn precedence() {
    const PASSES: Option<f64> = None;
    let half = SampleRand(500_000);
    let decision = |sampled, rate: Option<f64>| Decision { sampled, rate: rate.map(self::rate) };
    let table = [
        (
            "explicit beats the sampler",
            Some(false),
            Some(1.0),
            Some(true),
            Some(1.0),
            decision(Some(false), Some(0.0)),
        ),
        ("explicit yes", Some(true), Some(0.0), Some(false), None, decision(Some(true), Some(1.0))),
        (
            "sampler beats the parent",
            None,
            Some(0.1),
            Some(true),
            Some(1.0),
            decision(Some(false), Some(0.1)),
        ),
        ("sampler may say yes", None, Some(0.6), Some(false), Some(0.0), decision(Some(true), Some(0.6))),
        ("sampler passes to the parent", None, PASSES, Some(true), Some(0.0), decision(Some(true), None)),
        ("sampler passes to the rate", None, PASSES, None, Some(0.6), decision(Some(true), Some(0.6))),
        ("NaN is not sampled", None, Some(f64::NAN), Some(true), Some(1.0), decision(Some(false), None)),
        ("2 is not sampled", None, Some(2.0), Some(true), None, decision(Some(false), None)),
        ("the parent's 1 with rate 0", None, PASSES, Some(true), Some(0.0), decision(Some(true), None)),
        ("the parent's 0 with rate 1", None, PASSES, Some(false), Some(1.0), decision(Some(false), None)),
        ("rate below", None, PASSES, None, Some(0.5), decision(Some(false), Some(0.5))),
        ("nothing set", None, PASSES, None, None, decision(None, None)),
    ];
    for (scenario, explicit, sampler, parent, own, expected) in table {
        assert_eq!(decide(explicit, || sampler, parent, own.map(rate), || half, 0), expected, "{scenario}");
    }
}

#[test]
fn what_a_sampler_inherits() {
    let (below, above) = (SampleRand(100_000), SampleRand(900_000));
    // The caller's flag, rate and number; the rate that a sampler is told, and what it inherits.
    let table = [
        (None, None, below, None, 0.5),
        (None, Some(0.2), below, Some(0.2), 0.2),
        (None, Some(0.2), above, Some(0.2), 0.2),
        (Some(true), None, below, Some(1.0), 1.0),
        (Some(true), Some(0.2), below, Some(0.2), 0.2),
        (Some(true), Some(0.2), above, Some(0.2), 1.0),
        (Some(true), Some(0.0), below, Some(0.0), 1.0),
        (Some(false), None, below, None, 0.0),
        (Some(false), Some(0.2), above, Some(0.2), 0.2),
        (Some(false), Some(0.2), below, Some(0.2), 0.0),
        (Some(false), Some(1.0), above, Some(1.0), 0.0),
    ];
    for (sampled, number, rand, told, inherited) in table {
        let parent = ParentSampling { sampled, rate: number.map(rate), rand };
        let inherits = parent.inherited_rate().map_or(0.5, SampleRate::get);
        let row = format!("flag {sampled:?}, rate {number:?}, number {rand}");
        assert_eq!(parent.rate().map(SampleRate::get), told, "{row}");
        assert_eq!(inherits.to_string(), inherited.to_string(), "{row}");
        let decided = decide(None, || Some(inherits), sampled, None, || rand, 0);
        assert_eq!(decided.sampled.filter(|_| sampled.is_some()), sampled, "{row}");
    }
}

#[test]
fn ids_that_repeat_themselves_spread() {
    let halves = (1..16_u128).map(|digit| u128::MAX / 15 * digit);
    let small = 1..16_u128;
    for ids in [halves.collect::<Vec<_>>(), small.collect()] {
        let numbers: std::collections::BTreeSet<_> =
            ids.iter().map(|id| SampleRand::of_trace(trace(*id)).millionths() / 100_000).collect();
        assert!(numbers.len() > 5, "{numbers:?}");
    }
}
