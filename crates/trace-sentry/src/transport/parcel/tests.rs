//! The items that are kept and those that are not, with what is lost.

use sentry_core::Envelope;
use sentry_core::protocol::client_report::{Category as Lost, Item, Reason};
use sentry_core::protocol::{
    Attachment, ClientReport, ClientSdkInfo, EnvelopeHeaders, Event, MonitorCheckIn,
};
use sentry_core::protocol::{DynamicSamplingContext, MonitorCheckInStatus, Transaction};
use sentry_core::types::Uuid;

use super::super::ledger::{Ledger, losses};
use super::{Losses, Opened, Outcome, Parcel};
use crate::transport::limits::Category::{self, Attachment as Attached, Error, Internal, Monitor, Other};
use crate::transport::limits::Priority;

fn attachment() -> Attachment {
    Attachment { buffer: b"a\nb".to_vec(), filename: "\"quoted\"".to_owned(), ..Attachment::default() }
}

fn check_in() -> MonitorCheckIn {
    MonitorCheckIn {
        check_in_id: Uuid::nil(),
        monitor_slug: "nightly".to_owned(),
        status: MonitorCheckInStatus::Ok,
        environment: None,
        duration: None,
        monitor_config: None,
    }
}

fn report() -> ClientReport {
    ClientReport::new([Item::new(Lost::Span, Reason::BeforeSend, 7)])
}

/// An event with an attachment, a check-in and a report, and headers that the official transports drop.
fn mixed() -> Envelope {
    let mut envelope = Envelope::from(Event { event_id: Uuid::nil(), ..Event::default() });
    envelope.add_item(attachment());
    envelope.add_item(check_in());
    envelope.add_item(report());
    let sdk =
        ClientSdkInfo { name: "name".into(), version: "1".into(), integrations: vec![], packages: vec![] };
    let headers = EnvelopeHeaders::new()
        .with_event_id(Uuid::nil())
        .with_sdk(sdk)
        .with_trace(DynamicSamplingContext::new().with_public_key("public".to_owned()));
    envelope.with_headers(headers)
}

fn written(envelope: &Envelope) -> Vec<u8> {
    let mut bytes = Vec::new();
    envelope.to_writer(&mut bytes).unwrap();
    bytes
}

fn kinds(body: &[u8]) -> Vec<String> {
    let lines = body.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok());
    lines.filter_map(|line: serde_json::Value| Some(line.get("type")?.as_str()?.to_owned())).collect()
}

/// Returns the losses that are reported after an outcome.
fn reported(lost: Vec<Losses>, outcome: Outcome) -> super::super::ledger::Losses {
    let ledger = Ledger::new();
    lost.into_iter().for_each(|lost| lost.report(outcome, &ledger.recorder()));
    ledger.take()
}

#[test]
fn each_item_is_kept_or_stopped_by_its_own_category_typed_or_raw() {
    type Row<'a> = (&'a str, &'a [Category], &'a [&'a str], &'a [(&'a str, u64)], &'a [(&'a str, u64)]);
    let error = ("ratelimit_backoff error", 1);
    let (attached, monitor) = (("ratelimit_backoff attachment", 3), ("ratelimit_backoff monitor", 1));
    let put_back = ("before_send span", 7);
    // What is stopped, what is sent, and what is lost: at once, and if the server refuses the rest with an error.
    let table: &[Row<'_>] = &[
        (
            "nothing",
            &[],
            &["event", "attachment", "check_in", "client_report"],
            &[],
            &[("send_error error", 1), ("send_error attachment", 3), ("send_error monitor", 1), put_back],
        ),
        (
            "errors",
            &[Error],
            &["check_in", "client_report"],
            &[error, attached],
            &[("send_error monitor", 1), put_back],
        ),
        (
            "attachments",
            &[Attached],
            &["event", "check_in", "client_report"],
            &[attached],
            &[("send_error error", 1), ("send_error monitor", 1), put_back],
        ),
        ("reports", &[Internal, Error, Monitor], &[], &[error, attached, monitor, put_back], &[]),
        (
            "others",
            &[Other],
            &["event", "attachment", "check_in", "client_report"],
            &[],
            &[("send_error error", 1), ("send_error attachment", 3), ("send_error monitor", 1), put_back],
        ),
    ];
    let typed = mixed();
    let raw = Envelope::from_bytes_raw(written(&typed)).unwrap();
    for envelope in [typed, raw] {
        let bytes = written(&envelope);
        let header = bytes.split_inclusive(|byte| *byte == b'\n').next().unwrap();
        for (name, categories, sent, stopped, lost) in table {
            let parcel = Parcel::write(&envelope, None).unwrap();
            assert_eq!(parcel.priority(), Priority::High, "{name}");
            let opened = parcel.open(|category| categories.contains(&category));
            assert_eq!(kinds(&opened.body), *sent, "{name}");
            assert!(opened.body.is_empty() || opened.body.starts_with(header), "{name}");
            let limited = Outcome::Lost(Reason::RatelimitBackoff);
            assert_eq!(reported(opened.stopped, limited), losses(stopped), "{name}");
            let refused = Outcome::Lost(Reason::SendError);
            assert_eq!(reported(opened.losses, refused), losses(lost), "{name}");
        }
    }
}

#[test]
fn an_envelope_of_which_nothing_is_stopped_is_sent_byte_for_byte() {
    let strange =
        [&b""[..], b"{}", b"{}\n", b"hello\nworld", b"\n\n", b"{}\n{\"type\":\"event\",\"length\":9}\n{}"];
    let raw = |bytes: &[u8]| Envelope::from_bytes_raw(bytes.to_vec()).unwrap();
    let opened = |envelope: &Envelope| Parcel::write(envelope, None).unwrap().open(|_| false);
    for envelope in [mixed(), raw(&written(&mixed())), raw(strange[3]), raw(strange[5])] {
        assert_eq!(opened(&envelope).body, written(&envelope));
    }
    for bytes in &strange[..3] {
        let Opened { body, losses, stopped } = opened(&raw(bytes));
        assert!(body.is_empty() && losses.is_empty() && stopped.is_empty());
    }
    assert!(opened(&Envelope::new()).body.is_empty());
    // Bytes that are no envelope are limited as a whole.
    assert!(
        Parcel::write(&raw(strange[3]), None).unwrap().open(|category| category == Other).body.is_empty()
    );
}

#[test]
fn a_refusal_is_counted_by_the_server_except_for_what_a_report_said() {
    let lost = |envelope: &Envelope| Parcel::write(envelope, None).unwrap().open(|_| false).losses;
    assert_eq!(reported(lost(&mixed()), Outcome::Delivered), losses(&[]));
    assert_eq!(reported(lost(&mixed()), Outcome::Refused), losses(&[("before_send span", 7)]));
}

#[test]
fn a_transaction_counts_with_its_spans() {
    let mut envelope = Envelope::new();
    envelope.add_item(Transaction { spans: vec![Default::default(); 2], ..Transaction::default() });
    let bytes = written(&envelope);
    let raw = Envelope::from_bytes_raw(bytes.clone()).unwrap();
    let table = [
        ("typed", Parcel::write(&envelope, None).unwrap()),
        ("raw", Parcel::write(&raw, None).unwrap()),
        ("known", Parcel::transaction(bytes, 2)),
    ];
    for (name, parcel) in table {
        assert_eq!(parcel.priority(), Priority::Normal, "{name}");
        let lost = reported(parcel.into_losses().collect(), Outcome::Lost(Reason::QueueOverflow));
        assert_eq!(lost, losses(&[("queue_overflow transaction", 1), ("queue_overflow span", 3)]), "{name}");
    }
}

#[test]
fn a_report_of_the_sink_is_put_back_unless_it_arrives() {
    let table =
        [(Outcome::Delivered, false), (Outcome::Refused, true), (Outcome::Lost(Reason::NetworkError), true)];
    for (outcome, expected) in table {
        let (put_back, was_put_back) = std::sync::mpsc::channel();
        let parcel = Parcel::report(b"{}\n{\"type\":\"client_report\"}\n{}".to_vec(), move || {
            put_back.send(()).unwrap()
        });
        assert_eq!(parcel.priority(), Priority::High);
        assert_eq!(reported(parcel.open(|_| false).losses, outcome), losses(&[]));
        assert_eq!(was_put_back.try_recv().is_ok(), expected, "{outcome:?}");
    }
}
