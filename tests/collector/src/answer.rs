//! The answers of the server.

use std::future::pending;
use std::panic::resume_unwind;

use axum::response::Response;

/// How the server answers.
#[derive(Debug, Clone, Copy)]
pub enum Answer {
    /// As Sentry does when it has taken an envelope.
    Ok,
    /// With this status line. Lines with headers may follow.
    Status(&'static str),
    /// It takes the request and never answers.
    Never,
    /// It ends the connection at once.
    HangUp,
}

impl Answer {
    pub(crate) async fn respond(self) -> Response {
        match self {
            Self::Ok => response("200 OK"),
            Self::Status(text) => response(text),
            Self::Never => pending().await,
            // This ends the task of the connection, without the message that a panic prints.
            Self::HangUp => resume_unwind(Box::new("the collector hangs up")),
        }
    }
}

fn response(text: &str) -> Response {
    let (status, headers) = text.split_once("\r\n").unwrap_or((text, ""));
    let mut response = Response::builder().status(&status[..3]);
    for (name, value) in headers.lines().map(|line| line.split_once(": ").unwrap()) {
        response = response.header(name, value);
    }
    response.body("{}".into()).unwrap()
}
