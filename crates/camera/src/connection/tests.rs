//! A camera by script on a real socket.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use base::{Shutdown, WallTime};
use media::Frame;
use world::{SystemClock, SystemEntropy};

use super::*;
use crate::depacketize::NO_SIZE;
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

fn packet(sequence: u16) -> Vec<u8> {
    let mut bytes = vec![b'$', 0, 0, 14, 0x80, 8];
    bytes.extend(sequence.to_be_bytes());
    bytes.extend((u32::from(sequence) * 2).to_be_bytes());
    bytes.extend([0, 0, 0, 5, 7, 7]);
    bytes
}

/// A camera that answers until it plays, and sends `media` with the last answer.
async fn playing(media: Vec<u8>, farewell: &Farewell) -> (Connection, StreamSource, TcpStream) {
    playing_of(SDP, media, farewell).await
}

async fn playing_of(
    sdp: &'static str,
    media: Vec<u8>,
    farewell: &Farewell,
) -> (Connection, StreamSource, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let at = listener.local_addr().expect("is bound");
    let camera = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("somebody connects");
        answer(&mut stream, "", sdp, &[]);
        for _ in sdp.matches("m=") {
            answer(&mut stream, "Session: 7\r\n", "", &[]);
        }
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

fn context() -> run::Context {
    run::Context {
        clock: Arc::new(SystemClock::new()),
        entropy: Arc::new(SystemEntropy),
        shutdown: Shutdown::new(),
        status: StatusHandle::new(),
        pace: None,
        bounds: Bounds::default(),
    }
}

#[tokio::test]
async fn pictures_are_left_out_only_after_several_without_a_size() {
    const JPEG_AND_SOUND: &str = "v=0\r\nm=video 0 RTP/AVP 26\r\na=control:trackID=1\r\n\
        m=audio 0 RTP/AVP 8\r\na=control:trackID=2\r\n";
    let playing = playing_of(JPEG_AND_SOUND, Vec::new(), &Farewell::default()).await;
    let (connection, source, _stream) = playing;
    let (context, mut count) = (context(), Count::default());
    let mut session = Session::new(&source, &mut count, &context, None, &connection.described);
    let mut tracks_after_one_more = || {
        session.take(Item::Unreadable(NO_SIZE));
        context.status.snapshot().tracks.len()
    };
    assert_eq!([(); 4].map(|()| tracks_after_one_more()), [2, 2, 1, 1]);
}

#[tokio::test]
async fn what_has_come_when_it_is_told_to_stop_is_kept() {
    let (connection, source, mut stream) = playing(Vec::new(), &Farewell::default()).await;
    let context = context();
    stream.write_all(&[packet(0), packet(1)].concat()).expect("is taken");
    // The runtime sees that it has come, and the session does not yet.
    tokio::time::sleep(Duration::from_millis(50)).await;
    context.shutdown.request();
    let mut count = Count::default();
    let session = Session::new(&source, &mut count, &context, None, &connection.described);
    assert!(matches!(session.play(connection).await, Ended::Stopped));
    assert_eq!(count.0, 2);
}

#[tokio::test]
async fn a_buffer_that_was_filling_up_is_noticed_and_one_that_was_not_is_not() {
    let (mut connection, _, mut stream) = playing(Vec::new(), &Farewell::default()).await;
    let socket = &connection.link.as_ref().expect("it plays").stream;
    rustix::net::sockopt::set_socket_recv_buffer_size(socket, 32 << 10).expect("is taken");
    let mut context = Context::from_waker(std::task::Waker::noop());
    let mut sent = 0;
    let mut crowded_after = async |packets: u16| {
        let bytes: Vec<u8> = (sent..sent + packets).flat_map(packet).collect();
        sent += packets;
        stream.write_all(&bytes).expect("is taken");
        let mut heard = 0;
        let mut crowded = false;
        let end = std::time::Instant::now() + CALL;
        while heard < packets && std::time::Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(20)).await;
            assert_eq!(connection.poll(&mut context, &mut |_| heard += 1), Poll::Pending);
            crowded |= connection.is_crowded();
        }
        assert_eq!(heard, packets);
        crowded
    };
    assert!(!crowded_after(1).await);
    // 26 KiB of the 64 that the kernel makes of it, which hold some 32.
    assert!(!crowded_after(1024).await, "18 KiB are no more than half");
    assert!(crowded_after(1500).await);
    assert!(!crowded_after(1).await);
}
