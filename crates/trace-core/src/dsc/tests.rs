use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::carrier::Extract;
use crate::continuation::TraceHeader;
use crate::dsn::OrganizationId;
use crate::id::TraceId;
use crate::sampling::{Decision, SampleRand, SampleRate};

const T: &str = "771a43a4192642f0b136d5159a501700";

fn lines(values: &[&str]) -> Incoming {
    let carrier: Vec<(&str, &str)> = values.iter().map(|value| ("baggage", *value)).collect();
    Incoming::read(&carrier.headers())
}

fn text(context: &DynamicSamplingContext) -> &str {
    context.as_baggage().map_or("", |text| text.to_str().unwrap())
}

#[test]
fn what_came_in_is_kept_as_it_came() {
    let table: [(&[&str], &str); 16] = [
        (&["sentry-trace_id=1,sentry-release=a%2Fb/c"], "sentry-trace_id=1,sentry-release=a%2Fb/c"),
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
        assert_eq!(text(&lines(values).context), expected, "{values:?}");
    }
}

#[test]
fn of_a_line_that_is_too_long_whole_members_are_kept() {
    let line = format!("sentry-release=1,sentry-sampled=true,sentry-long={}", "x".repeat(64 * 1024));
    assert_eq!(text(&lines(&[&line]).context), "sentry-release=1,sentry-sampled=true");
}

#[test]
fn names_that_come_twice_are_found_among_many() {
    let many = (0..60).map(|number| format!("sentry-key_{number}={number}"));
    let line = many.collect::<Vec<_>>().join(",");
    assert_eq!(text(&lines(&[&line]).context), line);
    assert!(!text(&lines(&[&format!("{line},sentry-key_7=x")]).context).contains("sentry-key_7=7"));
}

#[test]
fn a_ready_line_is_not_copied() {
    let line = HeaderValue::from_static("sentry-trace_id=1,sentry-release=2");
    let carrier: http::HeaderMap = [(crate::headers::BAGGAGE.clone(), line.clone())].into_iter().collect();
    let forwarded = Incoming::read(&carrier).context;
    assert_eq!(forwarded.as_baggage().unwrap().as_bytes().as_ptr(), line.as_bytes().as_ptr());
}

#[test]
fn facts_are_the_last_usable_ones() {
    let incoming = lines(&[&format!(
        "sentry-trace_id={T},sentry-org_id=%31,sentry-sample_rate=0.25,sentry-sample_rand=0.5,sentry-org_id=7"
    )]);
    assert_eq!(incoming.facts.trace_id, Some(T.parse().ok()));
    assert_eq!(incoming.facts.organization_id.unwrap().to_string(), "7");
    assert_eq!(incoming.context.sample_rate(), SampleRate::new(0.25));
    assert_eq!(incoming.facts.sample_rand.unwrap().millionths(), 500_000);

    let unusable = lines(&["sentry-trace_id=x,sentry-org_id=0,sentry-sample_rate=2,sentry-sample_rand=1"]);
    assert_eq!(unusable.facts.trace_id, Some(None));
    assert_eq!(
        (unusable.facts.organization_id, unusable.context.sample_rate(), unusable.facts.sample_rand),
        (None, None, None)
    );
    assert_eq!(
        text(&unusable.context),
        "sentry-trace_id=x,sentry-org_id=0,sentry-sample_rate=2,sentry-sample_rand=1"
    );
}

#[test]
fn values_are_decoded_for_local_use() {
    let context = lines(&["sentry-user_id=Am%C3%A9lie,sentry-release=%zz,sentry-a-b=a+b"]).context;
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
        assert_eq!(text(&lines(&[before]).context.with(rate, rand)), expected, "{before}");
    }
}

#[test]
fn members_fall_in_the_order_of_the_list() {
    let long = "x".repeat(4000);
    let incoming = lines(&[&format!(
        "sentry-unknown=1,sentry-transaction={long},sentry-trace_id={T},sentry-release={long},sentry-other=2"
    )]);
    let (whole, fallen) = incoming.context.limited(0, 0);
    assert_eq!((whole.as_ref(), fallen), (&incoming.context, 0));

    let (kept, fallen) = incoming.context.limited(200, 1);
    assert_eq!(fallen, 3);
    assert_eq!(text(&kept), format!("sentry-trace_id={T},sentry-release={long}"));

    let many: Vec<String> = (0..70).map(|n| format!("sentry-k{n}=v")).collect();
    let (kept, fallen) = lines(&[&many.join(",")]).context.limited(0, 0).clone_owned();
    assert_eq!((kept.iter().count(), fallen), (64, 6));
    assert_eq!(kept.iter().last().unwrap().0, "k63");

    let (nothing, fallen) = incoming.context.limited(9000, 3);
    assert_eq!((nothing.is_empty(), fallen), (true, 5));
}

trait CloneOwned {
    fn clone_owned(self) -> (DynamicSamplingContext, usize);
}

impl CloneOwned for (Cow<'_, DynamicSamplingContext>, usize) {
    fn clone_owned(self) -> (DynamicSamplingContext, usize) {
        (self.0.into_owned(), self.1)
    }
}

#[test]
fn a_head_freezes_when_it_leaves() {
    let trace_id: TraceId = T.parse().unwrap();
    let dsn = "https://key@o17.ingest.sentry.io/1".parse().unwrap();
    let constants = HeadConstants::new(Some(&dsn), dsn.organization_id(), Some("shop@1"), "production");
    let rand = SampleRand::of_trace(trace_id);
    let undecided = format!(
        "sentry-trace_id={T},sentry-public_key=key,sentry-org_id=17,sentry-release=shop%401,\
         sentry-environment=production,sentry-sample_rand={rand}"
    );
    assert_eq!(text(Undecided::new(trace_id, rand, &constants).context()), undecided);

    let head = Head::new(trace_id, rand, &constants);
    head.decide(Decision { sampled: Some(true), rate: SampleRate::new(0.5) }, Some("GET /".into()));
    head.rename(Some("GET /{id}".into()));
    let decided = format!(
        "{undecided},sentry-sample_rate=0.5,sentry-sampled=true,sentry-transaction=GET%20%2F%7Bid%7D"
    );
    assert_eq!(text(head.freeze()), decided);
    head.rename(Some("late".into()));
    head.decide(Decision { sampled: Some(false), rate: None }, None);
    assert_eq!(text(head.freeze()), decided);
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
        let line = DynamicSamplingContext::of_unread_line(HeaderValue::from_static(line));
        let received = Received::new(line, TraceHeader::SentryTrace, None);
        assert_eq!(received.is_clearly_admitted(ours), is_clear, "{received:?}");
        let named = received.organization_id(trace_id);
        assert!(!is_clear || named.is_none_or(|named| named == ours), "{received:?}");
    }
}

/// What lines of `baggage` are made of.
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
        let slow = Incoming::gather([line.as_bytes()].into_iter());
        if let Some(fast) = Facts::of_ready(&line) {
            prop_assert_eq!(slow.context.as_baggage(), Some(&line));
            prop_assert_eq!(fast, slow.facts);
        }
    }
}
