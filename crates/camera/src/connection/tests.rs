//! A camera by script on a real socket.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use super::*;

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

#[tokio::test]
async fn what_comes_with_the_answer_that_begins_playing_is_not_lost() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let at = listener.local_addr().expect("is bound");
    let camera = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("somebody connects");
        answer(&mut stream, "", SDP, &[]);
        answer(&mut stream, "Session: 7\r\n", "", &[]);
        let media = [packet(0), packet(1), packet(2)[..9].to_vec()].concat();
        answer(&mut stream, "", "", &media);
        stream
    });
    let source = StreamSource::new("a", &format!("rtsp://{at}/live")).expect("is a good URL");
    let (call, farewell) = (Duration::from_secs(20), Farewell::default());
    let mut connection = Connection::open(&source, call, &farewell).await.expect("plays");
    let mut stream = camera.join().expect("the script was followed");

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
    let end = std::time::Instant::now() + call;
    while heard.len() < 3 && std::time::Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(5)).await;
        poll(&mut heard);
    }
    assert_eq!(heard, [0, 2, 4]);
}
