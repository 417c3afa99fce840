//! The caller: a plain client that sends the requests and waits for what comes of them.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::timeout;

use crate::expectations;
use crate::recorder::Recorder;
use crate::report::{Report, Request};
use crate::scenarios::{SCENARIOS, Scenario};

/// How many requests are under way at once: enough for traces to mix if they could.
const AT_ONCE: usize = 3;
/// How long a request may take, until the mail is out. Nothing waits for this unless something is broken.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends `requests` requests, the scenarios taking turns, and tells `done` of each.
pub(crate) async fn run(
    storefront: SocketAddr,
    recorder: &Recorder,
    requests: u64,
    done: impl Fn(),
) -> reqwest::Result<Report> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let turns = (1..=requests).zip(SCENARIOS.iter().cycle());
    let sending = turns.map(|(number, scenario)| send(&client, storefront, recorder, number, scenario));
    let requests: Vec<Request> = stream::iter(sending).buffered(AT_ONCE).inspect(|_| done()).collect().await;
    Ok(Report { held: requests.iter().all(|request| request.held), requests })
}

async fn send(
    client: &reqwest::Client,
    storefront: SocketAddr,
    recorder: &Recorder,
    number: u64,
    scenario: &Scenario,
) -> Request {
    let headers = scenario.headers();
    let mailed = recorder.open(number);
    let url = format!("http://{storefront}/checkout/{number}");
    let call = async {
        let response = client.get(url).headers(headers.clone()).send().await?.error_for_status()?;
        response.text().await
    };
    // What did not arrive is seen by the expectations.
    let answer = timeout(PATIENCE, call).await.ok().and_then(Result::ok);
    if answer.is_some() {
        let _too_late = timeout(PATIENCE, mailed).await;
    }

    let recording = recorder.close(number);
    let (services, transactions) =
        recording.map(|recording| (recording.services, recording.transactions)).unwrap_or_default();
    let mut request = Request {
        number,
        scenario: scenario.name.to_owned(),
        description: scenario.description.to_owned(),
        held: false,
        headers: (&headers).into(),
        services,
        transactions,
        expectations: Vec::new(),
    };
    let expectations = expectations::check(&request, &scenario.expected, &answer.unwrap_or_default());
    request.held = expectations.iter().all(|expectation| expectation.held);
    request.expectations = expectations;
    request
}
