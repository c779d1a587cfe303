//! A camera by script on a real socket.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use base::{Shutdown, WallTime};
use media::Frame;
use world::{SystemClock, SystemEntropy};

use super::*;
use crate::run::{self, Bounds, Ended, Session};
use crate::sink::{ClockEstimate, EndCause, Epoch, FrameSink};
use crate::status::StatusHandle;

const SDP: &str = "v=0\r\nm=audio 0 RTP/AVP 8\r\na=control:trackID=1\r\n";

/// Answers one request with `more` and `body`, and with `media` in the same write.
fn answer(stream: &mut TcpStream, more: &str, body: &str, media: &[u8]) {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).expect("a request comes");
        request.push(byte[0]);
    }
    let request = String::from_utf8(request).expect("is text");
    let cseq = request.lines().find(|line| line.starts_with("CSeq")).expect("is numbered");
    let len = body.len();
    let head = format!("RTSP/1.0 200 OK\r\n{cseq}\r\n{more}Content-Length: {len}\r\n\r\n{body}");
    stream.write_all(&[head.as_bytes(), media].concat()).expect("is taken");
}

fn packet(sequence: u8) -> Vec<u8> {
    let mut bytes = vec![b'$', 0, 0, 14, 0x80, 8, 0, sequence, 0, 0, 0, sequence * 2, 0, 0, 0, 5];
    bytes.extend([7, 7]);
    bytes
}

/// A camera that answers until it plays, and sends `media` with the last answer.
async fn playing(media: Vec<u8>, farewell: &Farewell) -> (Connection, StreamSource, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let at = listener.local_addr().expect("is bound");
    let camera = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("somebody connects");
        answer(&mut stream, "", SDP, &[]);
        answer(&mut stream, "Session: 7\r\n", "", &[]);
        answer(&mut stream, "", "", &media);
        stream
    });
    let source = StreamSource::new("a", &format!("rtsp://{at}/live")).expect("is a good URL");
    let connection = Connection::open(&source, CALL, farewell).await.expect("plays");
    (connection, source, camera.join().expect("the script was followed"))
}

const CALL: Duration = Duration::from_secs(20);

#[tokio::test]
async fn what_comes_with_the_answer_that_begins_playing_is_not_lost() {
    let media = [packet(0), packet(1), packet(2)[..9].to_vec()].concat();
    let (mut connection, _, mut stream) = playing(media, &Farewell::default()).await;

    let mut heard = Vec::new();
    let mut poll = |heard: &mut Vec<u32>| {
        let polled =
            connection.poll(&mut Context::from_waker(std::task::Waker::noop()), &mut |item| {
                if let Item::Frame(frame) = item {
                    heard.push(frame.rtp);
                }
            });
        assert_eq!(polled, Poll::Pending);
    };
    poll(&mut heard);
    assert_eq!(heard, [0, 2], "nothing more has to come for these");
    stream.write_all(&packet(2)[9..]).expect("is taken");
    let end = std::time::Instant::now() + CALL;
    while heard.len() < 3 && std::time::Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(5)).await;
        poll(&mut heard);
    }
    assert_eq!(heard, [0, 2, 4]);
}

/// Counts frames.
#[derive(Default)]
struct Count(usize);

impl FrameSink for Count {
    fn begin_epoch(&mut self, _: Epoch) {}
    fn frame(&mut self, _: Frame) {
        self.0 += 1;
    }
    fn clock(&mut self, _: ClockEstimate) {}
    fn end_run(&mut self, _: EndCause, _: WallTime) {}
}

#[tokio::test]
async fn what_has_come_when_it_is_told_to_stop_is_kept() {
    let (connection, source, mut stream) = playing(Vec::new(), &Farewell::default()).await;
    let context = run::Context {
        clock: Arc::new(SystemClock::new()),
        entropy: Arc::new(SystemEntropy),
        shutdown: Shutdown::new(),
        status: StatusHandle::new(),
        pace: None,
        bounds: Bounds::default(),
    };
    stream.write_all(&[packet(0), packet(1)].concat()).expect("is taken");
    // The runtime sees that it has come, and the session does not yet.
    tokio::time::sleep(Duration::from_millis(50)).await;
    context.shutdown.request();
    let mut count = Count::default();
    let session = Session::new(&source, &mut count, &context, None, &connection.described);
    assert!(matches!(session.play(connection).await, Ended::Stopped));
    assert_eq!(count.0, 2);
}
