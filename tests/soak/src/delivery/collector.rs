//! A collector whose mood changes.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{Request, Response};
use http_body::Frame;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Builder;
use tokio::sync::watch;

use super::books::Books;
use super::mood::Mood;

/// The time between the two halves of an answer that breaks off.
const PAUSE: Duration = Duration::from_millis(20);

type Answer = Result<Response<BoxBody<Bytes, io::Error>>, io::Error>;

/// A collector on a thread of its own.
pub(super) struct Collector {
    address: SocketAddr,
    mood: watch::Sender<Mood>,
    books: Arc<Mutex<Books>>,
}

impl Collector {
    pub(super) fn start() -> io::Result<Self> {
        // It keeps the port while nobody listens there.
        let socket = socket(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let address = socket.local_addr()?;
        let (mood, changes) = watch::channel(Mood::Quick);
        let books = Arc::new(Mutex::new(Books::default()));
        let desk = Desk { books: books.clone(), mood: changes };
        let runtime = Builder::new_current_thread().enable_all().build()?;
        thread::spawn(move || {
            let _port = socket;
            runtime.block_on(desk.open(address)).unwrap();
        });
        Ok(Self { address, mood, books })
    }

    pub(super) fn dsn(&self) -> String {
        format!("http://public@{}/42", self.address)
    }

    pub(super) fn set_mood(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    pub(super) fn books(&self) -> Books {
        self.books.lock().unwrap().clone()
    }
}

fn socket(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// What serves the requests of all connections.
#[derive(Clone)]
struct Desk {
    books: Arc<Mutex<Books>>,
    mood: watch::Receiver<Mood>,
}

impl Desk {
    /// Listens, except while the collector is away.
    async fn open(mut self, address: SocketAddr) -> io::Result<Infallible> {
        loop {
            let listener = socket(address)?.listen(1024)?;
            let desk = self.clone();
            tokio::select! {
                result = desk.accept(&listener) => return result,
                _ = self.mood.wait_for(|mood| *mood == Mood::Away) => {}
            }
            drop(listener);
            let _is_back = self.mood.wait_for(|mood| *mood != Mood::Away).await;
        }
    }

    async fn accept(&self, listener: &TcpListener) -> io::Result<Infallible> {
        loop {
            let (stream, _) = listener.accept().await?;
            let desk = self.clone();
            let service = service_fn(move |request| desk.clone().answer(request));
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    }

    /// Answers a request. An error hangs up.
    async fn answer(mut self, request: Request<Incoming>) -> Answer {
        let body = request.into_body().collect().await.map_err(io::Error::other)?.to_bytes();
        let mood = *self.mood.borrow_and_update();
        match mood {
            Mood::Quick => self.take(&body, "{}"),
            Mood::Slow(time) => {
                tokio::time::sleep(time).await;
                self.take(&body, "{}")
            }
            Mood::Silent => {
                let _change = self.mood.changed().await;
                Err(io::ErrorKind::ConnectionAborted.into())
            }
            Mood::Rejects(status) => response(Response::builder().status(status), "{}"),
            Mood::RefusesWithLimit | Mood::RefusesForAMinute => {
                self.books().refuse(&body);
                let refusal = Response::builder().status(429);
                match mood {
                    Mood::RefusesWithLimit => {
                        response(refusal.header("x-sentry-rate-limits", "1:transaction:organization"), "{}")
                    }
                    _ => response(refusal, "{}"),
                }
            }
            Mood::BreaksOff => {
                self.books().enter(&body);
                // The pause lets hyper send the head first.
                let begin = stream::iter([Ok(Frame::data(Bytes::from("{")))]);
                let end = stream::once(async {
                    tokio::time::sleep(PAUSE).await;
                    Err(io::ErrorKind::BrokenPipe.into())
                });
                let body = StreamBody::new(begin.chain(end));
                Ok(Response::new(BodyExt::boxed(body)))
            }
            Mood::HangsUp | Mood::Away => Err(io::ErrorKind::ConnectionAborted.into()),
        }
    }

    fn take(&self, body: &[u8], answer: &'static str) -> Answer {
        self.books().enter(body);
        response(Response::builder(), answer)
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }
}

fn response(builder: http::response::Builder, body: &'static str) -> Answer {
    let body = Full::new(Bytes::from(body)).map_err(|never: Infallible| match never {}).boxed();
    builder.body(body).map_err(io::Error::other)
}
