//! A listener that speaks the envelope endpoint, and keeps what the official transport sent; and an address without one.

mod nobody;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

pub use nobody::Nobody;

/// How the listener answers.
#[derive(Debug, Clone, Copy)]
pub enum Answer {
    /// As Sentry does when it has taken an envelope.
    Ok,
    /// With this status line, which may go on with headers.
    Status(&'static str),
    /// It takes the request and never answers.
    Never,
    /// It ends the connection at once.
    HangUp,
}

/// The listener, on a port that the system chose.
#[derive(Debug)]
pub struct Collector {
    /// The DSN under which it is reached.
    pub dsn: String,
    answer: Arc<Mutex<Answer>>,
    envelopes: Receiver<Envelope>,
}

/// One envelope with one item.
#[derive(Debug)]
pub struct Envelope {
    /// The header of the envelope.
    pub header: Value,
    /// The path it was posted to.
    pub path: String,
    /// What the request says it is.
    pub content_type: Option<String>,
    /// The type of the item.
    pub kind: String,
    /// The item.
    pub item: Value,
}

impl Collector {
    /// Begins to listen.
    ///
    /// # Panics
    ///
    /// If there is no free port.
    #[must_use]
    pub fn open(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let dsn = format!("http://public@{}/42", listener.local_addr().unwrap());
        let answer = Arc::new(Mutex::new(answer));
        let (sender, envelopes) = channel();
        let current = answer.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (current, sender) = (current.clone(), sender.clone());
                std::thread::spawn(move || serve(&stream, &current, &sender));
            }
        });
        Self { dsn, answer, envelopes }
    }

    /// Answers like this from now on, also the requests of connections that are open.
    pub fn answer(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    /// The next envelope of a kind; other kinds are passed over.
    ///
    /// # Panics
    ///
    /// If none arrives within ten seconds.
    #[must_use]
    pub fn next(&self, kind: &str) -> Envelope {
        loop {
            let envelope = self.envelopes.recv_timeout(Duration::from_secs(10)).expect(kind);
            if envelope.kind == kind {
                return envelope;
            }
        }
    }

    /// All envelopes that have arrived.
    #[must_use]
    pub fn arrived(&self) -> Vec<Envelope> {
        self.envelopes.try_iter().collect()
    }
}

/// Serves one connection, which may carry many requests.
fn serve(stream: &TcpStream, answer: &Mutex<Answer>, sender: &Sender<Envelope>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut path, mut content_type, mut length) = (String::new(), None, 0);
        let mut line = String::new();
        while reader.read_line(&mut line).ok().filter(|read| *read > 0)? > 2 {
            match line.trim().split_once(": ") {
                Some((name, text)) if name.eq_ignore_ascii_case("content-length") => {
                    length = text.parse().ok()?
                }
                Some((name, text)) if name.eq_ignore_ascii_case("content-type") => {
                    content_type = Some(text.to_owned());
                }
                None if path.is_empty() => path = line.split(' ').nth(1)?.to_owned(),
                _ => {}
            }
            line.clear();
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let answer = *answer.lock().unwrap();
        let mut lines = body.splitn(3, |byte| *byte == b'\n');
        let header: Value = serde_json::from_slice(lines.next()?).expect("an envelope header");
        let item_header: Value = serde_json::from_slice(lines.next()?).expect("an item header");
        let rest = lines.next()?;
        let item = match item_header["length"].as_u64() {
            Some(length) => &rest[..length as usize],
            None => rest,
        };
        let item = serde_json::from_slice(item).expect("a JSON item");
        let kind = item_header["type"].as_str().expect("a type").to_owned();
        sender.send(Envelope { header, path, content_type, kind, item }).ok()?;
        let status = match answer {
            Answer::Ok => "200 OK",
            Answer::Status(status) => status,
            Answer::HangUp => return None,
            Answer::Never => loop {
                std::thread::park();
            },
        };
        (&*stream)
            .write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\n{{}}").as_bytes())
            .ok()?;
    }
}
