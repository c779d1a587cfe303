//! RTSP messages (RFC 2326 sections 4 to 7) and the binary data between them (section 10.12), as
//! they stand in a stream of bytes. Pure, and takes anything.

use base::limits;

/// What comes next in the stream. Small, for nearly all of it is data, a packet each: a message is
/// given in a box, or each packet would cost a copy as large as one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Element<'a> {
    /// Binary data of a channel.
    Data {
        channel: u8,
        bytes: &'a [u8],
    },
    Message(Box<Message>),
}

/// What is said in words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Message {
    Response(Response),
    /// The camera asks something.
    Request {
        method: String,
        cseq: Option<u32>,
    },
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) reason: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// The bytes are neither a message nor binary data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NoMessage(pub(crate) String);

/// How many bytes of empty lines stand at the start of `bytes`, which are to be overlooked between
/// messages (RFC 2326 section 4.1).
pub(crate) fn empty_lines(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count()
}

/// The element at the start of `bytes` and how many bytes it took; `None` when more have to come.
#[inline]
pub(crate) fn next(bytes: &[u8]) -> Result<Option<(Element<'_>, usize)>, NoMessage> {
    let empty = empty_lines(bytes);
    let read = match &bytes[empty..] {
        [] => None,
        [b'$', rest @ ..] => data(rest),
        rest => message(rest)?.map(|(message, len)| (Element::Message(Box::new(message)), len)),
    };
    Ok(read.map(|(element, len)| (element, empty + len)))
}

#[inline]
fn data(rest: &[u8]) -> Option<(Element<'_>, usize)> {
    let (&[channel, high, low], rest) = rest.split_first_chunk()?;
    let bytes = rest.get(..usize::from(u16::from_be_bytes([high, low])))?;
    Some((Element::Data { channel, bytes }, 4 + bytes.len()))
}

#[cold]
fn message(bytes: &[u8]) -> Result<Option<(Message, usize)>, NoMessage> {
    let Some(head_len) = head_len(bytes) else {
        let line = bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
        let looked = &bytes[..line.unwrap_or(bytes.len()).min(16)];
        // A message begins with letters; whatever else stands here will never be one.
        if !looked.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ') {
            return Err(NoMessage(format!("it sent {looked:02x?} where a message belongs")));
        }
        if bytes.len() > limits::RTSP_HEAD_BYTES_MAX {
            return Err(NoMessage("it sent a message whose head has no end".to_owned()));
        }
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&bytes[..head_len]);
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let headers = headers(lines);
    let body_len = header(&headers, "content-length").map_or(Some(0), |len| len.parse().ok());
    let Some(body_len) = body_len.filter(|len| *len <= limits::RTSP_BODY_BYTES_MAX) else {
        return Err(NoMessage("it sent a message with a body of no sensible length".to_owned()));
    };
    let Some(body) = bytes[head_len..].get(..body_len) else { return Ok(None) };
    let len = head_len + body_len;
    let shown: String = first.chars().take(80).collect();
    let mut words = first.splitn(3, ' ');
    let (one, two, three) = (words.next(), words.next(), words.next());
    let message = match (one, two) {
        (Some(version), Some(status)) if version.starts_with("RTSP/") => {
            let no_status = || NoMessage(format!("it answered {shown:?}"));
            let status = status.parse().map_err(|_| no_status())?;
            let reason = three.unwrap_or_default().trim().to_owned();
            Message::Response(Response { status, reason, headers, body: body.to_vec() })
        }
        (Some(method), Some(_)) if three.is_some_and(|version| version.starts_with("RTSP/")) => {
            let cseq = header(&headers, "cseq").and_then(|cseq| cseq.parse().ok());
            Message::Request { method: method.to_owned(), cseq }
        }
        _ => return Err(NoMessage(format!("it sent {shown:?} where a message belongs"))),
    };
    Ok(Some((message, len)))
}

/// Up to and with the empty line; cameras end lines with CRLF or with LF alone.
fn head_len(bytes: &[u8]) -> Option<usize> {
    let looked = &bytes[..bytes.len().min(limits::RTSP_HEAD_BYTES_MAX)];
    let ends = memchr::memchr_iter(b'\n', looked);
    ends.map(|end| end + 1).find_map(|next| match looked.get(next..)? {
        [b'\n', ..] => Some(next + 1),
        [b'\r', b'\n', ..] => Some(next + 2),
        _ => None,
    })
}

fn headers<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for line in lines {
        match (line.split_once(':'), all.last_mut()) {
            // A value that goes on in the next line (RFC 2616 section 2.2).
            (_, Some((_, value))) if line.starts_with([' ', '\t']) => {
                value.push(' ');
                value.push_str(line.trim());
            }
            (Some((name, value)), _) => {
                all.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            }
            (None, _) => {}
        }
    }
    all
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// The value of one field of a header such as `Transport`; names are compared without case.
pub(crate) fn field<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    let fields = value.split(';').filter_map(|field| field.split_once('='));
    let named = fields.into_iter().find(|(key, _)| key.trim().eq_ignore_ascii_case(name));
    named.map(|(_, value)| value.trim())
}

impl Response {
    /// The first header of this name, which is in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// All headers of this name, which is in lower case.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The number of the request that it answers.
    pub(crate) fn cseq(&self) -> Option<u32> {
        self.header("cseq")?.parse().ok()
    }

    pub(crate) fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// The answer that is written there.
#[cfg(test)]
pub(crate) fn answer(text: &str) -> Response {
    match next(text.as_bytes()) {
        Ok(Some((Element::Message(message), _))) => match *message {
            Message::Response(response) => response,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ANSWER: &str = "RTSP/1.0 200 OK\r\nCSeq : 7\r\nSession: 12;timeout=60\r\n\
        X: a\r\n b\r\nContent-Length: 3\r\n\r\nv=0";

    #[test]
    fn an_answer_has_its_headers_and_its_body() {
        let response = answer(ANSWER);
        assert_eq!((response.status, &*response.reason), (200, "OK"));
        assert_eq!(response.cseq(), Some(7));
        assert_eq!(response.header("session"), Some("12;timeout=60"));
        assert_eq!(response.header("x"), Some("a b"));
        assert_eq!(response.body, b"v=0");
        let sloppy = answer("\r\n\r\nRTSP/1.0 454 Session Not Found\nCSEQ:3\n\n");
        assert_eq!((sloppy.status, sloppy.cseq()), (454, Some(3)));
        assert_eq!(sloppy.reason, "Session Not Found");
    }

    #[test]
    fn whatever_is_not_complete_is_waited_for() {
        for len in 0..ANSWER.len() {
            assert_eq!(next(&ANSWER.as_bytes()[..len]), Ok(None), "{len} bytes");
        }
        assert_eq!(next(&[b'$', 1, 0, 2, 9]), Ok(None));
        let read = next(&[b'$', 1, 0, 2, 9, 8, 7]);
        assert_eq!(read, Ok(Some((Element::Data { channel: 1, bytes: &[9, 8] }, 6))));
    }

    #[test]
    fn a_camera_may_ask_too() {
        let request = b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n$";
        let method = "OPTIONS".to_owned();
        let element = Element::Message(Box::new(Message::Request { method, cseq: Some(1) }));
        assert_eq!(next(request), Ok(Some((element, request.len() - 1))));
    }

    #[test]
    fn what_is_no_message_is_refused_at_once() {
        for bytes in [&b"\x00\x01\x02"[..], b"HTTP/1.1 200 OK\r\n\r\n", b"RTSP/1.0 x y\r\n\r\n"] {
            assert!(next(bytes).is_err(), "{bytes:?}");
        }
        assert!(next(&vec![b'A'; limits::RTSP_HEAD_BYTES_MAX + 1]).is_err());
        let answered = format!("RTSP/1.0 {}\r\n\r\n", "x".repeat(5000));
        let why = next(answered.as_bytes()).expect_err("is no status");
        assert!(why.0.len() < 200, "{why:?}");
        let long = format!("RTSP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n", usize::MAX);
        assert!(next(long.as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            text in "(RTSP/1.0 200 OK|OPTIONS|CSeq|Content-Length| |:|\r\n|\n|\\$|[a-z0-9]){0,40}",
        ) {
            for bytes in [&bytes[..], text.as_bytes()] {
                if let Ok(Some((_, len))) = next(bytes) {
                    prop_assert!(len <= bytes.len() && len > 0);
                }
            }
        }
    }
}
