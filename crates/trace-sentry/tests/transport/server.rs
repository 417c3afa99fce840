//! A server whose answers are scripted, and which keeps what it accepted.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use flate2::read::GzDecoder;
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(20);

/// The behaviour of the server.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Mood {
    /// It accepts.
    Quick,
    /// It accepts after this time.
    Slow(Duration),
    /// It reads and does not answer, until its mood changes. Then it answers accordingly.
    Waiting,
    /// It reads and never answers. It hangs up when its mood changes.
    Silent,
    /// It answers with this status and these headers.
    Status(&'static str),
    /// It hangs up instead of answering.
    HangUp,
    /// It hangs up in the middle of the head of an answer.
    HalfHead,
    /// It accepts, and hangs up in the middle of the body of the answer.
    HalfBody,
    /// It answers one byte a second.
    Drip,
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// The first line.
    pub(crate) line: String,
    /// The headers, in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    /// The body, without compression.
    pub(crate) body: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: String,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    mood: Mood,
    connections: usize,
    outstanding: usize,
    most_outstanding: usize,
    /// Those that were accepted.
    accepted: Vec<Request>,
    /// Those that were answered with 429, which a server counts itself.
    refused: Vec<Request>,
    /// The number of all requests that were read.
    read: usize,
}

impl Server {
    pub(crate) fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let state = State {
            mood,
            connections: 0,
            outstanding: 0,
            most_outstanding: 0,
            accepted: vec![],
            refused: vec![],
            read: 0,
        };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let serving = shared.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serving.lock().connections += 1;
                let serving = serving.clone();
                thread::spawn(move || serving.serve(&stream));
            }
        });
        Self { address, shared }
    }

    pub(crate) fn dsn(&self) -> String {
        format!("http://public@{}/42", self.address)
    }

    pub(crate) fn set_mood(&self, mood: Mood) {
        self.shared.lock().mood = mood;
        self.shared.changed.notify_all();
    }

    /// Waits until this many requests are read and not answered, and returns the most that ever were.
    pub(crate) fn wait_for_outstanding(&self, requests: usize) -> usize {
        self.wait(|state| state.outstanding >= requests).most_outstanding
    }

    /// Waits until this many requests have been read.
    pub(crate) fn wait_for_requests(&self, requests: usize) {
        drop(self.wait(|state| state.read >= requests));
    }

    /// Returns the number of requests that have been read.
    pub(crate) fn requests(&self) -> usize {
        self.shared.lock().read
    }

    pub(crate) fn connections(&self) -> usize {
        self.shared.lock().connections
    }

    /// Takes the requests that were accepted.
    pub(crate) fn accepted(&self) -> Vec<Request> {
        std::mem::take(&mut self.shared.lock().accepted)
    }

    /// Takes the requests that were refused with 429.
    pub(crate) fn refused(&self) -> Vec<Request> {
        std::mem::take(&mut self.shared.lock().refused)
    }

    fn wait(&self, is_done: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let state = self.shared.lock();
        let (state, timeout) =
            self.shared.changed.wait_timeout_while(state, PATIENCE, |state| !is_done(state)).unwrap();
        assert!(!timeout.timed_out(), "{} outstanding, {} read", state.outstanding, state.read);
        state
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Serves one connection, which may carry many requests.
    fn serve(&self, stream: &TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream);
        loop {
            let request = read(&mut reader)?;
            let (answer, mood) = self.answer(request)?;
            let (now, later) = answer.split_at(answer.len().min(match mood {
                Mood::HalfHead => 20,
                Mood::HalfBody => answer.len() - 1,
                Mood::Drip => 0,
                _ => answer.len(),
            }));
            (&*stream).write_all(now.as_bytes()).ok()?;
            if mood == Mood::Drip {
                for byte in later.as_bytes() {
                    (&*stream).write_all(&[*byte]).ok()?;
                    thread::sleep(Duration::from_secs(1));
                }
            }
            if now.len() < answer.len() {
                return None;
            }
        }
    }

    /// Returns the answer to a request and the mood in which it was decided, or `None` for a hang-up. What is accepted is
    /// kept before the client knows it.
    fn answer(&self, request: Request) -> Option<(String, Mood)> {
        let mut state = self.lock();
        state.read += 1;
        state.outstanding += 1;
        state.most_outstanding = state.most_outstanding.max(state.outstanding);
        self.changed.notify_all();
        let first = state.mood;
        if let Mood::Slow(time) = first {
            drop(state);
            thread::sleep(time);
            state = self.lock();
        }
        if let Mood::Waiting | Mood::Silent = first {
            state = self.changed.wait_while(state, |state| state.mood == first).unwrap();
        }
        state.outstanding -= 1;
        self.changed.notify_all();
        let status = match (first, state.mood) {
            (Mood::Silent, _) | (_, Mood::HangUp | Mood::Silent) => return None,
            (_, Mood::Status(status)) => status,
            _ => "200 OK",
        };
        match state.mood {
            Mood::HalfHead | Mood::Drip => {}
            _ if status.starts_with('2') => state.accepted.push(request),
            _ if status.starts_with("429") => state.refused.push(request),
            _ => {}
        }
        Some((format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\n{{}}"), state.mood))
    }
}

fn read(reader: &mut impl BufRead) -> Option<Request> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut lines = lines.into_iter();
    let line = lines.next()?;
    let headers: BTreeMap<_, _> = lines
        .filter_map(|line| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned())))
        .collect();
    let mut body = vec![0; headers.get("content-length").map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    if headers.get("content-encoding").is_some_and(|encoding| encoding == "gzip") {
        let mut plain = Vec::new();
        GzDecoder::new(&*body).read_to_end(&mut plain).unwrap();
        body = plain;
    }
    Some(Request { line, headers, body })
}

impl Request {
    /// Returns the items: their types and their payloads.
    pub(crate) fn items(&self) -> Vec<(String, Value)> {
        let mut lines = self.body.split(|byte| *byte == b'\n').skip(1).filter(|line| !line.is_empty());
        let mut items = Vec::new();
        while let Some(header) = lines.next() {
            let header: Value = serde_json::from_slice(header).unwrap();
            let payload = lines.next().and_then(|line| serde_json::from_slice(line).ok()).unwrap_or_default();
            items.push((header["type"].as_str().unwrap().to_owned(), payload));
        }
        items
    }
}
