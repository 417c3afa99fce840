//! Measures how many transactions of 20 spans arrive per second, and what each costs, at round trips of 0, 5 and 50 ms: with
//! the transport of this crate, with the official one below this crate, and with the official client alone.
//!
//! ```sh
//! cargo run --release -p trace-sentry --features transport --example arrived
//! ```

#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a program that measures and prints"
)]

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::routing::{get, post};
use sentry::{Client, ClientOptions, Hub, TransactionContext};
use trace_sentry::{SentrySink, Transport};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The time for which transactions are recorded, as fast as the thread can.
const WORK: Duration = Duration::from_secs(4);
const SPANS: usize = 20;
/// The number of transactions that are offered per second, since nobody records more than he is asked for.
const OFFERED: u64 = 2000;

/// The number of turns of each, in alternating order.
const TURNS: usize = 3;

/// Records for a while and closes. Returns how many transactions were recorded.
type Contender = fn(&str) -> u64;

/// What one turn of one contender came to, per second; and the microseconds of processor time of each that arrived.
#[derive(Debug, Clone, Copy)]
struct Turn {
    arrived: f64,
    recorded: f64,
    cpu: f64,
}

fn main() -> Result<()> {
    if let Some(delay) = std::env::args().nth(1) {
        return serve(Duration::from_millis(delay.parse()?));
    }
    println!(
        "| round trip | who | arrived per second | recorded per second | CPU of each that arrived | arrived / sentry |"
    );
    println!("| --: | --- | --: | --: | --: | --: |");
    for delay in [0, 5, 50] {
        let contenders: [(&str, Contender); 3] = [
            ("trace-sentry, its transport", ours),
            ("trace-sentry, official transport", over_the_official_transport),
            ("sentry", official),
        ];
        let mut turns = [const { Vec::new() }; 3];
        for number in 0..TURNS {
            // Nobody always comes second.
            for place in 0..contenders.len() {
                let place = if number % 2 == 0 { place } else { contenders.len() - 1 - place };
                turns[place].push(turn(delay, contenders[place].1)?);
            }
        }
        for ((name, _), own) in contenders.iter().zip(&turns) {
            let pairs = own.iter().zip(&turns[2]);
            println!(
                "| {delay} ms | {name} | {:.0} | {:.0} | {:.0} µs | {:.2} |",
                median(own.iter().map(|turn| turn.arrived)),
                median(own.iter().map(|turn| turn.recorded)),
                median(own.iter().map(|turn| turn.cpu)),
                median(pairs.map(|(own, official)| own.arrived / official.arrived)),
            );
        }
    }
    Ok(())
}

fn turn(delay: u64, contender: Contender) -> Result<Turn> {
    let mut server = Server::start(delay)?;
    let (began, cpu) = (Instant::now(), processor_time()?);
    let recorded = contender(&server.dsn);
    let elapsed = began.elapsed().as_secs_f64();
    let arrived = server.arrived()?.max(1) as f64;
    let cpu = (processor_time()? - cpu).as_micros() as f64 / arrived;
    Ok(Turn { arrived: arrived / elapsed, recorded: recorded as f64 / elapsed, cpu })
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn ours(dsn: &str) -> u64 {
    let options = ClientOptions::new().dsn(dsn).traces_sample_rate(1.0).transport(Transport::new());
    through_the_sink(options)
}

fn over_the_official_transport(dsn: &str) -> u64 {
    let options = ClientOptions::new().dsn(dsn).traces_sample_rate(1.0);
    through_the_sink(options)
}

fn through_the_sink(options: ClientOptions) -> u64 {
    let client = Arc::new(Client::from_config(sentry::apply_defaults(options)));
    let sink = SentrySink::new(client.clone()).expect("threads start");
    let tracer = sink.tracer().build().expect("valid options");
    let recorded = offer(|| {
        let job = tracer.service_span("task", "job").start();
        (0..SPANS).for_each(|_| job.start_span("db.query", "SELECT * FROM orders").end());
    });
    let _done = sink.close(Duration::from_secs(1));
    client.close(Some(Duration::from_secs(1)));
    recorded
}

fn official(dsn: &str) -> u64 {
    let options = ClientOptions::new().dsn(dsn).traces_sample_rate(1.0);
    let client = Arc::new(Client::from_config(sentry::apply_defaults(options)));
    let hub = Arc::new(Hub::new(Some(client.clone()), Arc::default()));
    let recorded = Hub::run(hub, || {
        offer(|| {
            let job = sentry::start_transaction(TransactionContext::new("job", "task"));
            (0..SPANS).for_each(|_| job.start_child("db.query", "SELECT * FROM orders").finish());
            job.finish();
        })
    });
    client.close(Some(Duration::from_secs(1)));
    recorded
}

/// Works at the offered rate. Returns how often.
fn offer(work: impl Fn()) -> u64 {
    let began = Instant::now();
    let mut done = 0;
    while began.elapsed() < WORK {
        if done * 1000 / OFFERED <= began.elapsed().as_millis() as u64 {
            work();
            done += 1;
        } else {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    done
}

/// Returns the processor time of this process so far.
fn processor_time() -> Result<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<u64> =
        stat.rsplit(')').next().unwrap_or_default().split_whitespace().flat_map(str::parse).collect();
    // utime and stime, of which the state before them is no number; a tick is 10 ms.
    Ok(Duration::from_millis((fields.get(10).unwrap_or(&0) + fields.get(11).unwrap_or(&0)) * 10))
}

/// A server in a process of its own, so that its processor time does not count.
struct Server {
    process: Child,
    address: String,
    dsn: String,
}

impl Server {
    fn start(delay: u64) -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg(delay.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut address = String::new();
        BufReader::new(process.stdout.take().ok_or("no output")?).read_line(&mut address)?;
        let address = address.trim().to_owned();
        Ok(Self { process, dsn: format!("http://public@{address}/42"), address })
    }

    fn arrived(&mut self) -> Result<u64> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let url = format!("http://{}/arrived", self.address);
        Ok(runtime.block_on(async { reqwest::get(url).await?.text().await })?.parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.process.kill().and_then(|()| self.process.wait());
    }
}

fn serve(delay: Duration) -> Result<()> {
    static ARRIVED: AtomicU64 = AtomicU64::new(0);
    let accept = move |body: Bytes| async move {
        tokio::time::sleep(delay).await;
        let mut text = String::new();
        let is_plain =
            std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&*body), &mut text).is_err();
        let text = if is_plain { String::from_utf8_lossy(&body).into_owned() } else { text };
        if text.lines().nth(1).is_some_and(|item| item.contains("\"transaction\"")) {
            ARRIVED.fetch_add(1, Ordering::Relaxed);
        }
        "{}"
    };
    let app = Router::new()
        .route("/api/42/envelope/", post(accept))
        .route("/arrived", get(async || ARRIVED.load(Ordering::Relaxed).to_string()))
        .layer(axum::extract::DefaultBodyLimit::disable());
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        Ok(axum::serve(listener, app).await?)
    })
}
