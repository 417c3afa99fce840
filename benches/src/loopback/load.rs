//! The client: connections that are kept, and a request on each of them at a time.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::server::CLOCK;
use crate::inputs::traced_request;

const CONNECTIONS: usize = 16;
const TURN: Duration = Duration::from_millis(25);

pub(super) struct Load {
    connections: Vec<TcpStream>,
    /// For questions about time.
    aside: TcpStream,
    request: Vec<u8>,
    /// Room for a response: all are of the same length.
    response: Vec<u8>,
}

/// What was measured in a turn.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Turn {
    /// Microseconds of processor time a request.
    pub(super) cpu: f64,
    pub(super) per_second: f64,
}

impl Load {
    pub(super) fn connect(port: u16) -> Self {
        let connect = || {
            let stream = TcpStream::connect(("127.0.0.1", port)).expect("the server is there");
            stream.set_nodelay(true).expect("an option that is always there");
            stream
        };
        let mut aside = connect();
        let request = request();
        let length = exchange(&mut aside, &request).len();
        let connections = (0..CONNECTIONS).map(|_| connect()).collect();
        Self { connections, aside, request, response: vec![0; length] }
    }

    pub(super) fn turn(&mut self) -> Turn {
        let (before, start, mut requests) = (self.processor_time(), Instant::now(), 0);
        while start.elapsed() < TURN {
            for connection in &mut self.connections {
                connection.write_all(&self.request).expect("the server reads");
            }
            for connection in &mut self.connections {
                connection.read_exact(&mut self.response).expect("the server answers");
            }
            requests += CONNECTIONS;
        }
        let elapsed = start.elapsed();
        assert!(self.response.ends_with(b"an order"));
        let cpu = (self.processor_time() - before) / 1000.0 / requests as f64;
        Turn { cpu, per_second: requests as f64 / elapsed.as_secs_f64() }
    }

    fn processor_time(&mut self) -> f64 {
        let request = format!("GET {CLOCK} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        let response = exchange(&mut self.aside, request.as_bytes());
        let body = response.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        std::str::from_utf8(body).ok().and_then(|text| text.parse().ok()).expect("a number of nanoseconds")
    }
}

/// The request of the other rows, as it goes over the wire.
fn request() -> Vec<u8> {
    let request = traced_request();
    let mut text = format!("GET {} HTTP/1.1\r\n", request.uri()).into_bytes();
    for (name, value) in request.headers() {
        text.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    text.extend(b"\r\n");
    text
}

/// Sends a request and reads the whole response, head and body.
fn exchange(connection: &mut TcpStream, request: &[u8]) -> Vec<u8> {
    connection.write_all(request).expect("the server reads");
    let mut response = vec![0; 4096];
    let length = connection.read(&mut response).expect("the server answers");
    response.truncate(length);
    response
}
