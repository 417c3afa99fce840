//! A running hop, and the requests sent to it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

pub(crate) const TRACE: &str = "771a43a4192642f0b136d5159a501700";
pub(crate) const SPAN: &str = "1121201211212012";

/// A hop that ends with the test.
pub(crate) struct Service {
    process: Child,
    pub(crate) url: String,
}

impl Service {
    pub(crate) fn start(flags: &[&str]) -> Self {
        Self::run(&mut Self::command(flags))
    }

    /// The command that starts a hop, for those who change something in it.
    pub(crate) fn command(flags: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hop"));
        command.args(["--listen", "127.0.0.1:0"]).args(flags);
        command
    }

    pub(crate) fn run(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        Self { process, url: ready["url"].as_str().unwrap().to_owned() }
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> (u16, Value) {
        let response = request(&format!("{}{path}", self.url), headers).await;
        (response.status().as_u16(), serde_json::from_slice(&response.bytes().await.unwrap()).unwrap())
    }

    pub(crate) async fn leaf(&self, headers: &[(&str, &str)]) -> Value {
        let (status, body) = self.get("/leaf", headers).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// Lets this hop call another, and gives the answers of both.
    pub(crate) async fn hop(&self, next: &Self, via: &str, headers: &[(&str, &str)]) -> (Value, Value) {
        let path = format!("/hop?to={}&via={via}", encoded(&format!("{}/leaf", next.url)));
        let (status, mut body) = self.get(&path, headers).await;
        assert_eq!(status, 200, "{body}");
        let downstream = body["downstream"].take();
        assert_eq!(downstream["status"], 200, "{downstream}");
        (body, downstream["body"].clone())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _status = self.process.wait();
    }
}

/// Headers may hold any bytes that are given as `char`s up to U+00FF.
pub(crate) async fn request(url: &str, headers: &[(&str, &str)]) -> reqwest::Response {
    let mut lines = HeaderMap::new();
    for (name, value) in headers {
        let bytes: Vec<u8> = value.chars().map(|byte| u8::try_from(byte).unwrap()).collect();
        lines.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_bytes(&bytes).unwrap());
    }
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    client.get(url).headers(lines).send().await.unwrap()
}

pub(crate) fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

/// The parts of a `sentry-trace`: trace id, span id, and the flag if there is one.
pub(crate) fn parts(answer: &Value) -> (&str, &str, Option<&str>) {
    let mut parts = answer["received"]["sentry-trace"].as_str().unwrap().split('-');
    (parts.next().unwrap(), parts.next().unwrap(), parts.next())
}

/// The members of the `baggage` that arrived, as they stand there.
pub(crate) fn members(answer: &Value) -> Vec<&str> {
    answer["received"]["baggage"].as_str().map(|line| line.split(',').collect()).unwrap_or_default()
}
