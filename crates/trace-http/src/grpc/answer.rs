//! The status of a gRPC answer that is under way.

use http::HeaderMap;

use super::GrpcStatus;

/// The code for a method that the server does not have.
const UNIMPLEMENTED: u32 = 12;

/// The status that a gRPC answer has shown so far. The last status counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GrpcAnswer {
    pub(crate) status: Option<GrpcStatus>,
    place: Place,
}

/// The place of a status in an answer.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// In the head, which is the whole answer so far.
    Head,
    /// In a head that more of the answer has followed, so that the final status is missing.
    NotAtEnd,
    Trailers,
}

impl GrpcAnswer {
    /// Returns the state of an answer with this head.
    pub(crate) fn new(head: &HeaderMap) -> Self {
        Self { status: GrpcStatus::of(head), place: Place::Head }
    }

    pub(crate) fn on_data(&mut self) {
        self.place = Place::NotAtEnd;
    }

    pub(crate) fn on_trailers(&mut self, trailers: &HeaderMap) {
        *self = match GrpcStatus::of(trailers) {
            None => Self { place: Place::NotAtEnd, ..*self },
            status => Self { status, place: Place::Trailers },
        };
    }

    /// Returns the code, if it can be read.
    pub(crate) fn code(self) -> Option<u32> {
        match self.status? {
            GrpcStatus::Code(code) => Some(code),
            GrpcStatus::Unreadable => None,
        }
    }

    /// Returns whether the method is unknown to the server.
    pub(crate) fn is_unimplemented(self) -> bool {
        self.code() == Some(UNIMPLEMENTED)
    }

    /// Returns whether an answer that has ended shows that the method exists. A status in the head is final only if the
    /// head is the whole answer. A layer in front of the methods may send such an answer and reject all paths alike, so
    /// only the codes that nothing but a method returns are proof.
    pub(crate) fn proves_method(self, is_complete: bool) -> bool {
        match (self.code(), self.place) {
            (Some(code), Place::Trailers) => code != UNIMPLEMENTED,
            (Some(code), Place::Head) => is_complete && matches!(code, 0 | 3 | 5 | 6 | 9 | 10 | 11 | 15),
            (None, _) | (_, Place::NotAtEnd) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn with_status(text: &[u8]) -> HeaderMap {
        let name = http::HeaderName::from_static("grpc-status");
        HeaderMap::from_iter([(name, HeaderValue::from_bytes(text).unwrap())])
    }

    #[test]
    fn a_method_is_proved_by_what_nothing_else_answers() {
        type Row =
            (&'static str, Option<&'static str>, bool, Option<Option<&'static str>>, Option<u32>, bool);
        // The status in the head, whether there is data, the trailers with a status of their own.
        let table: [Row; 15] = [
            ("a status in the head", Some("0"), false, None, Some(0), true),
            ("one that can be anybody's", Some("16"), false, None, Some(16), false),
            ("data after it", Some("0"), true, None, Some(0), false),
            ("trailers without one after it", Some("0"), false, Some(None), Some(0), false),
            ("one in trailers", None, true, Some(Some("16")), Some(16), true),
            ("one in trailers without a message", None, false, Some(Some("16")), Some(16), true),
            ("an unknown method", Some("12"), false, None, Some(12), false),
            ("an unknown method, said in trailers", None, true, Some(Some("12")), Some(12), false),
            ("a method, then none", Some("0"), false, Some(Some("12")), Some(12), false),
            ("no method, then one", Some("12"), false, Some(Some("0")), Some(0), true),
            ("a method, then nothing readable", Some("0"), true, Some(Some("abc")), None, false),
            ("nothing readable, then a method", Some("abc"), true, Some(Some("5")), Some(5), true),
            ("nothing readable", Some("abc"), false, None, None, false),
            ("nothing", None, true, None, None, false),
            ("trailers without a status", None, true, Some(None), None, false),
        ];
        let headers =
            |status: Option<&str>| status.map_or_else(HeaderMap::new, |it| with_status(it.as_bytes()));
        for (name, head, has_data, trailers, code, expected) in table {
            let mut answer = GrpcAnswer::new(&headers(head));
            if has_data {
                answer.on_data();
            }
            if let Some(trailers) = trailers {
                answer.on_trailers(&headers(trailers));
            }
            assert_eq!((answer.code(), answer.proves_method(true)), (code, expected), "{name}");
            let is_in_trailers = trailers.flatten().is_some();
            assert_eq!(answer.proves_method(false), expected && is_in_trailers, "{name}, given up");
        }
    }

    #[test]
    fn codes_that_middleware_gives_prove_a_method_only_in_trailers() {
        let proved = |in_trailers: bool| -> Vec<u32> {
            let proves = |code: &u32| {
                let status = with_status(code.to_string().as_bytes());
                if !in_trailers {
                    return GrpcAnswer::new(&status).proves_method(true);
                }
                let mut answer = GrpcAnswer::new(&HeaderMap::new());
                answer.on_data();
                answer.on_trailers(&status);
                answer.proves_method(true)
            };
            (0..=16).filter(proves).collect()
        };
        assert_eq!(proved(false), [0, 3, 5, 6, 9, 10, 11, 15]);
        assert_eq!(proved(true), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16]);
    }
}
