//! The client: connections that are kept, and a request on each of them at a time.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use super::Server;
use crate::inputs::traced_request;

const CONNECTIONS: usize = 16;
const TURN: Duration = Duration::from_millis(25);

pub(super) struct Load<'a> {
    server: &'a Server,
    connections: Vec<TcpStream>,
    request: Vec<u8>,
    /// Room for a response: all are of the same length.
    response: Vec<u8>,
}

/// What was measured in a turn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    /// Microseconds of processor time a request.
    pub(super) cpu: f64,
    pub(super) per_second: f64,
}

impl<'a> Load<'a> {
    pub(super) fn connect(server: &'a Server) -> Self {
        let connect = |_| {
            let stream = TcpStream::connect(("127.0.0.1", server.port)).expect("the server is there");
            stream.set_nodelay(true).expect("an option that is always there");
            stream
        };
        let mut connections: Vec<_> = (0..CONNECTIONS).map(connect).collect();
        let (request, mut response) = (request(), vec![0; 4096]);
        connections[0].write_all(&request).expect("the server reads");
        let length = connections[0].read(&mut response).expect("the server answers");
        response.truncate(length);
        Self { server, connections, request, response }
    }

    pub(super) fn turn(&mut self) -> Turn {
        let (before, start, mut requests) = (processor_time(self.server), Instant::now(), 0);
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
        let cpu = (processor_time(self.server) - before) / 1000.0 / requests as f64;
        Turn { cpu, per_second: requests as f64 / elapsed.as_secs_f64() }
    }
}

/// Nanoseconds of processor time of the thread that serves, which is the first one of its process.
fn processor_time(server: &Server) -> f64 {
    // The time of a thread that runs is known only once it waits again.
    thread::sleep(Duration::from_millis(1));
    let text = fs::read_to_string(format!("/proc/{}/schedstat", server.process.id())).expect("Linux tells");
    text.split(' ').next().and_then(|time| time.parse().ok()).expect("it begins with a number")
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
