use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use http::HeaderValue;

use super::parsed::ParsedBaggage;
use super::*;
use crate::id::{OrganizationId, TraceId};
use crate::policy::{AdoptedContext, ContinuedFrom, Decision, SampleRand, SampleRate};

const T: &str = "771a43a4192642f0b136d5159a501700";

/// Reads lines of `baggage` for the trace `T`.
fn read(values: &[&str]) -> ParsedBaggage {
    ParsedBaggage::gather(values.iter().map(|line| line.as_bytes()), T.parse().unwrap(), true)
}

fn lines(values: &[&str]) -> DynamicSamplingContext {
    read(values).context.unwrap()
}

fn text(context: &DynamicSamplingContext) -> &str {
    context.as_baggage().map_or("", |text| text.to_str().unwrap())
}

#[test]
fn what_came_in_is_kept_as_it_came() {
    let table: [(&[&str], &str); 16] = [
        (&["sentry-sampled=1,sentry-release=a%2Fb/c"], "sentry-sampled=1,sentry-release=a%2Fb/c"),
        (&["other=1,sentry-release=1,x=2;y"], "sentry-release=1"),
        (&["sentry-release=1", "sentry-environment=2"], "sentry-release=1,sentry-environment=2"),
        (
            &["sentry-release=1,sentry-environment=2,sentry-release=3"],
            "sentry-environment=2,sentry-release=3",
        ),
        (&["sentry-release=1,sentry-release="], "sentry-release=1"),
        (&["sentry-release=1;prop=2"], "sentry-release=1"),
        (&[" sentry-release = 1 "], "sentry-release=1"),
        (&["sentry-release=%zz"], "sentry-release=%zz"),
        (&["sentry-release=my app"], "sentry-release=my%20app"),
        (&["sentry-a b=1,sentry-release=1"], "sentry-release=1"),
        (&["Sentry-release=1"], ""),
        (&["sentry-release"], ""),
        (&["sentry-release="], ""),
        (&["sentry-release=1,"], "sentry-release=1"),
        (&[""], ""),
        (&[], ""),
    ];
    for (values, expected) in table {
        assert_eq!(text(&lines(values)), expected, "{values:?}");
    }
}

#[test]
fn of_a_line_that_is_too_long_whole_members_are_kept() {
    let line = format!("sentry-release=1,sentry-sampled=true,sentry-long={}", "x".repeat(64 * 1024));
    assert_eq!(text(&lines(&[&line])), "sentry-release=1,sentry-sampled=true");
}

/// Returns so many different members.
fn members(number: usize) -> String {
    (0..number).map(|number| format!("sentry-key_{number}={number}")).collect::<Vec<_>>().join(",")
}

fn of_line(line: &str) -> ParsedBaggage {
    ParsedBaggage::of_line(&line.parse().unwrap(), T.parse().unwrap(), true)
}

#[test]
fn names_that_come_twice_are_found_among_many() {
    let line = members(60);
    assert_eq!(text(&lines(&[&line])), line);
    assert_eq!(of_line(&line).context, None);
    let repeated = format!("{line},sentry-key_7=x");
    assert!(!text(&lines(&[&repeated])).contains("sentry-key_7=7"));
    assert_eq!(of_line(&repeated), read(&[&repeated]));
}

#[test]
fn a_line_beyond_the_limits_on_reading_is_not_ready() {
    assert_eq!(of_line(&members(256)).context, None);
    let many = members(257);
    assert_eq!(of_line(&many), read(&[&many]));
    let long = |length| format!("sentry-release={}", "x".repeat(length - "sentry-release=".len()));
    assert_eq!(of_line(&long(64 * 1024)).context, None);
    let longer = long(64 * 1024 + 1);
    assert_eq!(of_line(&longer), read(&[&longer]));
}

#[test]
fn a_ready_line_is_not_copied() {
    let line = HeaderValue::from_static("sentry-sampled=1,sentry-release=2");
    let trace_id = T.parse().unwrap();
    assert_eq!(ParsedBaggage::of_line(&line, trace_id, true).context, None);
    let received =
        CallerContext::of_line(line.clone(), ContinuedFrom::SentryTrace, None).context(trace_id).clone();
    assert_eq!(received.as_baggage().unwrap().as_bytes().as_ptr(), line.as_bytes().as_ptr());
}

#[test]
fn facts_are_the_last_usable_ones() {
    let found = read(&[&format!(
        "sentry-trace_id={T},sentry-org_id=%31,sentry-sample_rate=0.25,sentry-sample_rand=0.5,sentry-org_id=7"
    )]);
    assert_eq!(found.facts.trace_id, Some(T.parse().ok()));
    assert_eq!(found.facts.organization_id.unwrap().to_string(), "7");
    assert_eq!(found.context.unwrap().sample_rate(), SampleRate::new(0.25));
    assert_eq!(found.facts.sample_rand.unwrap().unwrap().millionths(), 500_000);

    let line = "sentry-org_id=0,sentry-sample_rate=2,sentry-sample_rand=1";
    let unusable = read(&[line]);
    assert_eq!((unusable.facts.organization_id, unusable.facts.sample_rand), (None, Some(None)));
    let context = unusable.context.unwrap();
    assert_eq!((context.sample_rate(), text(&context)), (None, line));
    assert_eq!(read(&["sentry-trace_id=x"]).adopted, AdoptedContext::OfAnotherTrace);
}

/// Another trace, and a third one.
const U: &str = "0123456789abcdef0123456789abcdef";
const V: &str = "00000000000000000000000000000009";

#[test]
fn members_of_several_contexts_never_mix() {
    use AdoptedContext::{Adopted, OfAnotherTrace};
    let t = format!("sentry-trace_id={T},sentry-public_key=a,sentry-release=one");
    let u = format!("sentry-trace_id={U},sentry-public_key=b,sentry-release=two,sentry-org_id=7");
    let named_late = format!("sentry-release=two,sentry-public_key=b,sentry-trace_id={U}");
    let ours_late = format!("sentry-release=one,sentry-public_key=a,sentry-trace_id={T}");
    let encoded = format!("sentry-trace_id=%37{},sentry-release=one", &T[1..]);
    let table: &[(&str, &[&str], AdoptedContext, &str)] = &[
        ("an id that is percent-encoded", &[&encoded], Adopted, &encoded),
        ("an id that is percent-encoded, and another trace", &[&u, &encoded], Adopted, &encoded),
        ("two lines", &[&t, &u], Adopted, &t),
        ("two lines, the other order", &[&u, &t], Adopted, &t),
        ("one line", &[&format!("{t},{u}")], Adopted, &t),
        ("one line, the other order", &[&format!("{u},{t}")], Adopted, &t),
        ("ids at the end", &[&format!("{ours_late},{named_late}")], Adopted, &ours_late),
        ("ids at the end, the other order", &[&format!("{named_late},{ours_late}")], Adopted, &ours_late),
        ("three", &[&u, &format!("sentry-trace_id={V}"), &t], Adopted, &t),
        ("an id that is none", &["sentry-trace_id=x,sentry-org_id=7", &t], Adopted, &t),
        (
            "the same trace twice",
            &[&t, &u, &format!("sentry-trace_id={T},sentry-release=three")],
            Adopted,
            &t,
        ),
        (
            "a second writer that names no trace",
            &[&t, "sentry-public_key=b,sentry-release=two,sentry-org_id=7"],
            Adopted,
            &t,
        ),
        (
            "the same trace twice, by two organizations",
            &[
                &format!("sentry-trace_id={T},sentry-org_id=8"),
                &format!("sentry-trace_id={T},sentry-org_id=7"),
            ],
            Adopted,
            &format!("sentry-trace_id={T},sentry-org_id=8"),
        ),
        (
            "an organization on a line of its own beside another",
            &[&format!("sentry-trace_id={T},sentry-org_id=8"), "sentry-org_id=7"],
            Adopted,
            &format!("sentry-trace_id={T},sentry-org_id=8"),
        ),
        (
            "members between two contexts of one line",
            &[&format!(
                "sentry-trace_id={T},sentry-public_key=a,sentry-org_id=7,sentry-public_key=b,sentry-trace_id={U}"
            )],
            Adopted,
            &format!("sentry-trace_id={T},sentry-public_key=a"),
        ),
        (
            "a name twice on one line",
            &[&format!("sentry-trace_id={T},sentry-release=one,sentry-release=two")],
            Adopted,
            &format!("sentry-trace_id={T},sentry-release=two"),
        ),
        ("a line that names no trace", &[&t, &u, "sentry-org_id=7"], Adopted, &t),
        (
            "one context on two lines",
            &[&format!("sentry-trace_id={T}"), "sentry-org_id=7"],
            Adopted,
            &format!("sentry-trace_id={T},sentry-org_id=7"),
        ),
        ("members of others between", &[&format!("x=1,{t}"), "y=2", &u], Adopted, &t),
        ("none of this trace", &[&u, &format!("sentry-trace_id={V}")], OfAnotherTrace, ""),
    ];
    for (name, values, adopted, expected) in table {
        let found = read(values);
        assert_eq!((found.adopted, text(&found.context.unwrap())), (*adopted, *expected), "{name}");
        let ours = expected.split_once("org_id=").and_then(|(_, id)| OrganizationId::parse(id.as_bytes()));
        assert_eq!(found.facts.organization_id, ours, "{name}");
    }
}

#[test]
fn keys_that_are_no_tokens_are_not_sent_on() {
    let table = [
        ("sentry-ke<y=1,sentry-release=2", "sentry-release=2"),
        ("sentry-=x,sentry-release=2", "sentry-release=2"),
        ("sentry-a/b=1", ""),
        ("sentry-a@b=1", ""),
        ("sentry-a(b)=1", ""),
        ("sentry-a[0]=1", ""),
        ("sentry-{a}=1", ""),
        ("sentry-a?b:c=1", ""),
        ("sentry-!#$%&'*+-.^_`|~0aZ=1", "sentry-!#$%&'*+-.^_`|~0aZ=1"),
    ];
    for (line, expected) in table {
        assert_eq!(text(&lines(&[line])), expected, "{line}");
        let received =
            CallerContext::of_line(HeaderValue::from_static(line), ContinuedFrom::SentryTrace, None);
        assert_eq!(text(received.context(T.parse().unwrap())), expected, "{line}");
    }
}

#[test]
fn values_are_decoded_for_local_use() {
    let context = lines(&["sentry-user_id=Am%C3%A9lie,sentry-release=%zz,sentry-a-b=a+b"]);
    assert_eq!(context.get("user_id").as_deref(), Some("Am\u{e9}lie"));
    assert_eq!(context.get("release"), None);
    assert_eq!(context.get("a-b").as_deref(), Some("a+b"));
    assert_eq!(context.get("absent"), None);
    assert_eq!(context.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["user_id", "release", "a-b"]);
}

#[test]
fn what_this_service_adds_is_put_where_it_stood_or_at_the_end() {
    let (rate, rand) = (SampleRate::new(0.5), SampleRand::parse(b"0.1"));
    let table = [
        (
            "sentry-sample_rate=0.4,sentry-a=1",
            rate,
            rand,
            "sentry-sample_rate=0.5,sentry-a=1,sentry-sample_rand=0.100000",
        ),
        ("sentry-a=1,sentry-sample_rate=%zz", rate, None, "sentry-a=1,sentry-sample_rate=0.5"),
        ("sentry-a=1", rate, rand, "sentry-a=1,sentry-sample_rate=0.5,sentry-sample_rand=0.100000"),
        (
            "sentry-sample_rand=1,sentry-a=1",
            rate,
            rand,
            "sentry-sample_rand=0.100000,sentry-a=1,sentry-sample_rate=0.5",
        ),
        ("sentry-sample_rand=x", None, rand, "sentry-sample_rand=0.100000"),
        ("sentry-sample_rate=0.4", None, rand, "sentry-sample_rate=0.4,sentry-sample_rand=0.100000"),
        ("", None, rand, "sentry-sample_rand=0.100000"),
    ];
    for (before, rate, rand, expected) in table {
        assert_eq!(text(&lines(&[before]).with(rate, rand)), expected, "{before}");
    }
}

#[test]
fn members_that_do_not_fit_are_dropped_by_priority_and_take_none_along() {
    let long = "x".repeat(4000);
    let longest = "x".repeat(8100);
    let (many, kept): (Vec<_>, Vec<_>) =
        (0..70).map(|n| (format!("sentry-k{n}=v"), (n < 64).then(|| format!("sentry-k{n}=v")))).unzip();
    let (many, first) = (many.join(","), kept.into_iter().flatten().collect::<Vec<_>>().join(","));
    let all = format!("sentry-unknown=1,sentry-transaction={long},sentry-trace_id={T},sentry-release={long}");
    let table = [
        ("all fit", all.clone(), (0, 0), all.clone(), 0),
        (
            "a byte too many",
            format!("sentry-release={}", "x".repeat(8177)),
            (0, 0),
            format!("sentry-release={}", "x".repeat(8177)),
            0,
        ),
        ("one beyond", format!("sentry-release={}", "x".repeat(8178)), (0, 0), String::new(), 1),
        (
            "one of two long ones",
            all,
            (200, 1),
            format!("sentry-unknown=1,sentry-trace_id={T},sentry-release={long}"),
            1,
        ),
        (
            "a long one beside short ones of lower priority",
            format!("sentry-transaction={longest},sentry-trace_id={T},sentry-replay_id=f"),
            (60, 1),
            format!("sentry-trace_id={T},sentry-replay_id=f"),
            1,
        ),
        ("too many", many.clone(), (0, 0), first, 6),
        ("no room for a byte", many.clone(), (9000, 3), String::new(), 70),
        ("no room for a member", many, (100, 64), String::new(), 70),
        ("nothing", String::new(), (9000, 70), String::new(), 0),
    ];
    for (name, before, (bytes, members), expected, dropped) in table {
        let context = lines(&[&before]);
        let (kept, number) = context.limited(bytes, members);
        assert_eq!((text(&kept), number), (expected.as_str(), dropped), "{name}");
    }
}

#[test]
fn a_head_freezes_when_it_leaves() {
    let trace_id: TraceId = T.parse().unwrap();
    let dsn = "https://key@o17.ingest.sentry.io/1".parse().unwrap();
    let constants = OwnConstants::new(Some(&dsn), dsn.organization_id(), Some("shop@1"), "production");
    let rand = SampleRand::of_trace(trace_id);
    let fixed = format!(
        "sentry-trace_id={T},sentry-public_key=key,sentry-org_id=17,sentry-release=shop%401,\
         sentry-environment=production,sentry-sample_rand={rand}"
    );
    assert_eq!(text(FixedContext::new(trace_id, rand, &constants, None).context()), fixed);

    for sampled in [true, false] {
        let given = format!("{fixed},sentry-sampled={sampled}");
        assert_eq!(text(FixedContext::new(trace_id, rand, &constants, Some(sampled)).context()), given);
        assert_eq!(text(OpenContext::new(trace_id, rand, &constants, Some(sampled)).freeze()), given);
    }
    let open = OpenContext::new(trace_id, rand, &constants, Some(false));
    open.decide(Decision { sampled: Some(true), rate: SampleRate::new(0.5) }, None);
    open.name(Some("GET /".into()));
    open.rename(Some("GET /{id}".into()));
    open.name(Some("a name that comes second".into()));
    let decided =
        format!("{fixed},sentry-sample_rate=0.5,sentry-sampled=true,sentry-transaction=GET%20%2F%7Bid%7D");
    assert_eq!(text(open.freeze()), decided);
    open.rename(Some("late".into()));
    open.decide(Decision { sampled: Some(false), rate: None }, None);
    assert_eq!(text(open.freeze()), decided);
}

#[test]
fn a_glance_admits_nobody_whom_a_close_look_would_not() {
    let ours = OrganizationId::new(7).unwrap();
    let table = [
        ("", true),
        ("sentry-release=1", true),
        ("sentry-org_id=7", true),
        ("sentry-release=1,sentry-org_id=7,sentry-sampled=true", true),
        ("sentry-org_id=8", false),
        ("sentry-org_id=77", false),
        ("sentry-org_id=7;p", false),
        ("sentry-org_id =8", false),
        ("sentry-org_id= 8", false),
        ("sentry-org_id=%37", false),
        ("sentry-org_id=7,sentry-org_id=8", false),
        ("sentry-org_id=7, sentry-org_id=8", false),
        ("sentry-org_idx=7,sentry-org_id=8", false),
        ("x=sentry-org_id=7,sentry-org_id=8", false),
        ("a=1;sentry-org_id=7,sentry-org_id=8", false),
        (" sentry-org_id=7", false),
    ];
    let trace_id = T.parse().unwrap();
    for (line, is_clear) in table {
        let received =
            CallerContext::of_line(HeaderValue::from_static(line), ContinuedFrom::SentryTrace, None);
        assert_eq!(received.is_clearly_admitted(ours), is_clear, "{received:?}");
        let named = received.organization_id(trace_id);
        assert!(!is_clear || named.is_none_or(|named| named == ours), "{received:?}");
    }
}

/// Pieces of lines of `baggage`.
const PIECES: [&str; 20] = [
    "sentry-",
    "sentry-a=1",
    "trace_id=",
    "org_id=",
    "sample_rand=",
    "release=",
    "771a43a4192642f0b136d5159a501700",
    "0.123456",
    "%31",
    "42",
    "key_1",
    "=",
    ",",
    ",sentry-",
    ";",
    " ",
    "\t",
    "%",
    "\\",
    "x",
];

proptest! {
    #[test]
    fn the_fast_way_reads_what_the_slow_way_reads(pieces in vec(select(&PIECES[..]), 0..40)) {
        let line = HeaderValue::from_str(&pieces.concat()).unwrap();
        let trace_id = T.parse().unwrap();
        let slow = ParsedBaggage::gather([line.as_bytes()].into_iter(), trace_id, true);
        let fast = ParsedBaggage::of_line(&line, trace_id, true);
        if fast.context.is_none() {
            prop_assert_eq!(slow.context.as_ref().and_then(|context| context.as_baggage()), Some(&line));
            prop_assert_eq!((fast.facts, fast.adopted), (slow.facts, slow.adopted));
        } else {
            prop_assert_eq!(fast, slow);
        }
    }
}
