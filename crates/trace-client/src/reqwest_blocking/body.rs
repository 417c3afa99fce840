//! The body of a blocking response, which can only be read by blocking.

use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use reqwest::blocking::Response;

/// The number of bytes that are read at once.
const CHUNK: usize = 16 * 1024;

/// A body that reads a blocking response. It is polled only by the response that is made of it, on the thread of whoever
/// reads that.
pub(super) struct ReadBody {
    response: Response,
    remaining: Option<u64>,
    is_over: bool,
}

impl ReadBody {
    pub(super) fn new(response: Response) -> Self {
        let remaining = response.content_length();
        Self { response, remaining, is_over: false }
    }
}

impl Body for ReadBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = self.get_mut();
        if this.is_over {
            return Poll::Ready(None);
        }
        let mut chunk = vec![0; CHUNK];
        Poll::Ready(match this.response.read(&mut chunk) {
            Ok(0) => {
                this.is_over = true;
                None
            }
            Ok(length) => {
                chunk.truncate(length);
                this.remaining = this.remaining.map(|left| left.saturating_sub(length as u64));
                Some(Ok(Frame::data(chunk.into())))
            }
            Err(error) => {
                this.is_over = true;
                Some(Err(error))
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.is_over
    }

    fn size_hint(&self) -> SizeHint {
        self.remaining.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
