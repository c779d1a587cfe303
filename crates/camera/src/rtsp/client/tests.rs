//! A camera played by the tests, answer by answer.

use proptest::prelude::*;

use super::*;

const SDP: &str = "v=0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n\
    a=fmtp:96 packetization-mode=1\r\na=control:trackID=1\r\nm=audio 0 RTP/AVP 8\r\n\
    a=control:trackID=2\r\n";

fn client() -> Client {
    let source = StreamSource::new("a", "rtsp://cam/live?x=1").expect("is a good URL");
    Client::new(&source.with_credentials("user", "secret"))
}

/// What the client says, as text.
fn said(client: &mut Client) -> String {
    String::from_utf8_lossy(&std::mem::take(client.outgoing())).into_owned()
}

/// Gives it all of `bytes`, and returns what came out.
fn hear(client: &mut Client, bytes: &[u8]) -> Result<Vec<String>, Fault> {
    let mut items = Vec::new();
    let used = client.receive(bytes, &mut |item| {
        items.push(match item {
            Item::ParameterSet { track, unit } => format!("set {track} {}", unit.len()),
            Item::Frame(frame) => format!("frame {} {}", frame.track, frame.data.len()),
            Item::Lost(packets) => format!("lost {packets}"),
            Item::Unreadable(why) => why.to_owned(),
            Item::Goodbye { track } => format!("goodbye {track}"),
            Item::Report { track, rtp, ntp } => format!("report {track} {rtp} {ntp}"),
        });
    })?;
    assert_eq!(used, bytes.len(), "whole elements are used");
    Ok(items)
}

fn answer(client: &mut Client, status: &str, more: &str, body: &str) -> Result<(), Fault> {
    let (cseq, len) = (client.cseq, body.len());
    let text =
        format!("RTSP/1.0 {status}\r\nCSeq: {cseq}\r\n{more}Content-Length: {len}\r\n\r\n{body}");
    hear(client, text.as_bytes()).map(|items| assert!(items.is_empty()))
}

fn data(channel: u8, bytes: &[u8]) -> Vec<u8> {
    let mut all = vec![b'$', channel, 0, bytes.len() as u8];
    all.extend(bytes);
    all
}

fn packet(sequence: u8, marker: bool, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x80, u8::from(marker) << 7 | 96, 0, sequence, 0, 0, 0, 9, 0, 0, 0, 5];
    packet.extend(payload);
    packet
}

/// One that plays, with channels of the camera's own choice for its second track.
fn playing() -> Client {
    let mut client = client();
    answer(&mut client, "200 OK", "Content-Base: rtsp://cam/live/\r\n", SDP).expect("described");
    answer(&mut client, "200 OK", "Session: 7;timeout=20\r\n", "").expect("is set up");
    let transport = "Session: 8\r\nTransport: RTP/AVP/TCP;unicast;interleaved=6-7\r\n";
    answer(&mut client, "200 OK", transport, "").expect("is set up");
    answer(&mut client, "200 OK", "", "").expect("plays");
    assert_eq!(client.phase(), None);
    client.outgoing().clear();
    client
}

#[test]
fn a_session_is_had_step_by_step() {
    let mut client = client();
    let first = said(&mut client);
    assert!(first.starts_with("DESCRIBE rtsp://cam/live?x=1 RTSP/1.0\r\nCSeq: 1\r\n"), "{first}");
    assert!(!first.contains("Authorization"));
    answer(&mut client, "401 No", "WWW-Authenticate: Basic realm=\"x\"\r\n", "").expect("again");
    assert!(said(&mut client).contains("Authorization: Basic dXNlcjpzZWNyZXQ=\r\n"));
    answer(&mut client, "200 OK", "Content-Base: rtsp://cam/live/\r\n", SDP).expect("described");
    let setup = said(&mut client);
    assert!(setup.starts_with("SETUP rtsp://cam/live/trackID=1 RTSP/1.0"), "{setup}");
    assert!(setup.contains("Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"), "{setup}");
    answer(&mut client, "200 OK", "Session: 7;timeout=20\r\n", "").expect("is set up");
    let setup = said(&mut client);
    assert!(setup.starts_with("SETUP rtsp://cam/live/trackID=2 RTSP/1.0"), "{setup}");
    assert!(setup.contains("Session: 7\r\n") && setup.contains("interleaved=2-3"), "{setup}");
    answer(&mut client, "200 OK", "Session: 8\r\n", "").expect("is set up");
    let play = said(&mut client);
    assert!(play.starts_with("PLAY rtsp://cam/live/ RTSP/1.0"), "{play}");
    assert!(play.contains("Session: 7\r\n"), "the first id stays: {play}");
    answer(&mut client, "200 OK", "", "").expect("plays");
    assert_eq!((client.phase(), client.keep_alive_every().as_secs()), (None, 10));
}

#[test]
fn metadata_are_not_missed_and_an_answer_in_between_is_none() {
    let mut client = client();
    answer(&mut client, "100 Continue", "", "").expect("is waited for");
    let sdp = format!("{SDP}m=application/tp-link 0 RTP/AVP smart/1/90000\r\n");
    answer(&mut client, "200 OK", "", &sdp).expect("described");
    assert_eq!(client.tracks.described.warnings, Vec::<String>::new());
}

#[test]
fn a_wrong_password_is_not_tried_twice_and_a_stale_nonce_is() {
    let challenge = "WWW-Authenticate: Digest realm=\"x\", nonce=\"1\", qop=\"auth\"\r\n";
    let mut client = client();
    answer(&mut client, "401 No", challenge, "").expect("again");
    assert!(said(&mut client).contains("Authorization: Digest "));
    let stale = "WWW-Authenticate: Digest realm=\"x\", nonce=\"2\", stale=TRUE\r\n";
    answer(&mut client, "401 No", stale, "").expect("again");
    assert!(said(&mut client).contains("nonce=\"2\""));
    let fault = answer(&mut client, "401 No", challenge, "").expect_err("is refused");
    assert!(fault.is_denial(), "{fault}");
}

#[test]
fn digests_are_answered_with_what_they_ask_for() {
    let basic = "WWW-Authenticate: Basic realm=\"x\"\r\n";
    let digest = "realm=\"x\", nonce=\"1\", qop=\"auth,auth-int\", opaque=\"o\", algorithm=SHA-256";
    let both = format!("{basic}WWW-Authenticate: Digest {digest}\r\n");
    let mut client = client();
    answer(&mut client, "401 No", &both, "").expect("again");
    let text = said(&mut client);
    let uri = "uri=\"rtsp://cam/live?x=1\"";
    for part in ["Digest ", "algorithm=SHA-256", "opaque=\"o\"", "qop=auth,", "nc=00000001", uri] {
        assert!(text.contains(part), "{part} in {text}");
    }
    answer(&mut client, "200 OK", "", SDP).expect("described");
    let text = said(&mut client);
    let uri = "uri=\"rtsp://cam/live?x=1/trackID=1\"";
    assert!(text.contains("nc=00000002") && text.contains(uri), "{text}");
}

#[test]
fn a_challenge_that_nobody_understands_is_no_wrong_password() {
    for challenge in ["", "WWW-Authenticate: Digest nonce=\"1\"\r\n", "WWW-Authenticate: NTLM\r\n"]
    {
        let fault = answer(&mut client(), "401 No", challenge, "").expect_err("is refused");
        assert!(matches!(fault, Fault::Refused(_)), "{fault}");
    }
}

#[test]
fn a_camera_that_always_finds_the_nonce_stale_is_not_asked_forever() {
    let mut client = client();
    let stale = "WWW-Authenticate: Digest realm=\"x\", nonce=\"2\", stale=true\r\n";
    let tries = (0..20).take_while(|_| answer(&mut client, "401 No", stale, "").is_ok()).count();
    assert_eq!(tries, 2);
}

#[test]
fn a_nonce_that_ran_out_is_no_wrong_password_once_it_was_taken() {
    let nonce = |n| format!("WWW-Authenticate: Digest realm=\"x\", nonce=\"{n}\"\r\n");
    let mut client = client();
    answer(&mut client, "401 No", &nonce(1), "").expect("again");
    answer(&mut client, "200 OK", "", SDP).expect("described");
    said(&mut client);
    answer(&mut client, "401 No", &nonce(2), "").expect("again");
    assert!(said(&mut client).contains("nonce=\"2\""));
    assert!(answer(&mut client, "401 No", &nonce(3), "").expect_err("is refused").is_denial());
}

#[test]
fn media_come_from_the_channels_that_were_agreed_on() {
    let mut client = playing();
    let mut bytes = data(0, &packet(1, true, &[0x65, 0x88]));
    bytes.extend(data(6, &packet(1, true, &[1, 2, 3])));
    bytes.extend(data(2, &packet(1, true, &[1, 2, 3])));
    bytes.extend(data(0, &packet(4, true, &[0x41, 0x9a])));
    assert_eq!(
        hear(&mut client, &bytes),
        Ok(["frame 0 6", "frame 1 3", "lost 2", "frame 0 6"].map(str::to_owned).to_vec())
    );
    let mut report = vec![0x80, 200, 0, 6, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 4];
    report.extend([0; 8]);
    assert_eq!(hear(&mut client, &data(7, &report)), Ok(vec!["report 1 4 3".to_owned()]));
}

/// One that was asked to play.
fn starting() -> Client {
    let mut client = client();
    answer(&mut client, "200 OK", "", SDP).expect("described");
    for _ in 0..2 {
        answer(&mut client, "200 OK", "Session: 7\r\n", "").expect("is set up");
    }
    client
}

#[test]
fn media_that_come_before_the_answer_to_play_are_not_lost() {
    let mut client = starting();
    for packet in [packet(1, false, &[0x67, 9]), packet(2, true, &[0x65, 0x88])] {
        assert_eq!(hear(&mut client, &data(0, &packet)), Ok(vec![]), "it does not play yet");
    }
    answer(&mut client, "200 OK", "", "").expect("plays");
    let late = data(0, &packet(3, true, &[0x41, 0x9a]));
    let expected = ["set 0 2", "frame 0 6", "frame 0 6"].map(str::to_owned).to_vec();
    assert_eq!(hear(&mut client, &late), Ok(expected));
}

#[test]
fn media_that_come_before_any_answer_are_bounded() {
    let mut client = starting();
    let element = data(0, &packet(1, false, &[6; 200]));
    for _ in 0..limits::RTSP_EARLY_BYTES_MAX / element.len() + 2 {
        hear(&mut client, &element).expect("is overlooked");
    }
    assert!(client.early.len() <= limits::RTSP_EARLY_BYTES_MAX);
}

#[test]
fn a_session_may_begin_in_the_middle_of_a_frame() {
    let mut client = playing();
    let mut bytes = data(0, &packet(5, false, &[0x7c, 0x05, 2]));
    bytes.extend(data(0, &packet(6, true, &[0x7c, 0x45, 4])));
    assert_eq!(hear(&mut client, &bytes), Ok(vec![]), "that is no fault of the camera");
}

#[test]
fn bytes_may_come_in_any_pieces() {
    let mut bytes = Vec::new();
    for sequence in 0..20 {
        bytes.extend(data(0, &packet(sequence, true, &[0x65, 0x88, sequence])));
    }
    let mut client = playing();
    let (mut kept, mut frames) = (Vec::new(), 0);
    for byte in bytes {
        kept.push(byte);
        let used = client.receive(&kept, &mut |item| {
            frames += u32::from(matches!(item, Item::Frame(_)));
        });
        kept.drain(..used.expect("is sound"));
    }
    assert_eq!((frames, kept.len()), (20, 0));
}

#[test]
fn a_session_is_kept_alive_by_what_the_camera_knows() {
    let mut client = playing();
    client.keep_alive();
    assert!(said(&mut client).starts_with("OPTIONS rtsp://cam/live/ RTSP/1.0"));
    answer(&mut client, "200 OK", "Public: OPTIONS, GET_PARAMETER\r\n", "").expect("lives");
    hear(&mut client, &data(0, &packet(1, true, &[0x65, 0x88]))).expect("is sound");
    client.keep_alive();
    let text = said(&mut client);
    assert!(text.starts_with("GET_PARAMETER ") && text.contains("Session: 7\r\n"), "{text}");
    assert!(text.contains("$\x01\0"), "with a receiver report: {text}");
    client.keep_alive();
    assert!(said(&mut client).starts_with("OPTIONS "), "it was not answered");
    let fault = answer(&mut client, "454 Session Not Found", "", "").expect_err("is over");
    assert!(fault.to_string().contains("no longer knows the session"));
}

#[test]
fn a_camera_that_did_not_answer_once_is_not_asked_so_again() {
    for refusal in [None, Some("551 Option not supported")] {
        let mut client = playing();
        client.keep_alive();
        answer(&mut client, "200 OK", "Public: GET_PARAMETER\r\n", "").expect("lives");
        client.keep_alive();
        if let Some(refusal) = refusal {
            answer(&mut client, refusal, "", "").expect("lives");
        }
        client.keep_alive();
        answer(&mut client, "200 OK", "Public: GET_PARAMETER\r\n", "").expect("lives");
        said(&mut client);
        client.keep_alive();
        assert!(said(&mut client).starts_with("OPTIONS "), "half of them would not count");
    }
}

#[test]
fn sessions_are_kept_alive_within_their_time() {
    for (timeout, every) in [("timeout=4", 2), ("Timeout = 10", 5), ("timeout=0", 30)] {
        let mut client = client();
        answer(&mut client, "200 OK", "", SDP).expect("described");
        answer(&mut client, "200 OK", &format!("Session: 7; {timeout}\r\n"), "").expect("set up");
        assert_eq!(client.keep_alive_every().as_secs(), every, "{timeout}");
    }
}

#[test]
fn transports_are_read_as_cameras_mean_them() {
    let channels = |first: &str, second: &str| {
        let mut client = client();
        answer(&mut client, "200 OK", "", SDP).expect("described");
        for transport in [first, second] {
            let transport = format!("Session: 7\r\nTransport: {transport}\r\n");
            answer(&mut client, "200 OK", &transport, "")?;
        }
        Ok::<_, Fault>(client.channels)
    };
    let tcp = "RTP/AVP/TCP;unicast;interleaved=";
    let both = |one, two| channels(&format!("{tcp}{one}"), &format!("{tcp}{two}"));
    assert_eq!(both("2-3", "0-1"), Ok(vec![(2, 3), (0, 1)]));
    assert_eq!(both("4", "6"), Ok(vec![(4, 5), (6, 7)]));
    let unsaid = channels("RTP/AVP;unicast;interleaved=0-1", "RTP/AVP; Interleaved=4-5");
    assert_eq!(unsaid, Ok(vec![(0, 1), (4, 5)]));
    assert!(channels("RTP/AVP;unicast;client_port=5-6", "").is_err());
    assert!(both("0-1", "0-1").is_err());
}

#[test]
fn what_is_no_packet_of_the_track_costs_no_frame() {
    let mut client = playing();
    let mut alien = packet(77, false, &[1, 2]);
    alien[1] = 50;
    let mut report = vec![0x81, 201, 0, 7];
    report.extend([0; 28]);
    let mut bytes = data(0, &packet(1, false, &[0x7c, 0x85, 0x88]));
    bytes.extend(data(0, &alien));
    bytes.extend(data(0, &report));
    bytes.extend(data(0, &packet(2, true, &[0x7c, 0x45, 4])));
    assert_eq!(hear(&mut client, &bytes), Ok(vec!["frame 0 7".to_owned()]));
}

#[test]
fn of_two_sources_that_take_turns_on_a_channel_the_announced_one_is_heard() {
    let mut client = client();
    answer(&mut client, "200 OK", "", SDP).expect("described");
    let transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=00000005;mode=play\r\n";
    answer(&mut client, "200 OK", transport, "").expect("is set up");
    answer(&mut client, "200 OK", "", "").expect("is set up");
    answer(&mut client, "200 OK", "", "").expect("plays");
    let mut heard = Vec::new();
    for number in 1..9 {
        let ours = [&[0x7c, 0x85, 0x88][..], &[0x7c, 0x45, 4]];
        for (part, payload) in ours.into_iter().enumerate() {
            let mut stale = packet(100 + number, true, &[0x65, 0x88, 1, 1, 1]);
            stale[11] = 77;
            let part_of_ours = packet(number * 2 + part as u8, part == 1, payload);
            for bytes in [data(0, &stale), data(0, &part_of_ours)] {
                heard.extend(hear(&mut client, &bytes).expect("is heard"));
            }
        }
    }
    // Nobody can know before the second turn which of them to believe.
    let of_ours = heard.iter().filter(|item| *item == "frame 0 7").count();
    assert!(of_ours >= 7, "{heard:?}");
    assert_eq!(heard.iter().filter(|item| *item == "frame 0 9").count(), 1, "{heard:?}");
}

#[test]
fn a_camera_that_keeps_its_sound_to_itself_is_recorded_without() {
    let sound_first = SDP.replacen("m=video", "m=audio 0 RTP/AVP 0\r\na=control:x\r\nm=video", 1);
    for (sdp, refused) in [(SDP, 1), (&*sound_first, 0)] {
        let mut client = client();
        answer(&mut client, "200 OK", "", sdp).expect("described");
        for track in 0..2 {
            let status = if track == refused { "453 Not Enough Bandwidth" } else { "200 OK" };
            answer(&mut client, status, "", "").expect("is set up, or done without");
        }
        assert_eq!(client.phase(), Some(Phase::Play));
        answer(&mut client, "200 OK", "", "").expect("plays");
        let described = &client.tracks.described;
        assert_eq!(described.setups.len(), 1);
        assert!(described.warnings.iter().any(|why| why.contains("sound is not recorded")));
        let picture = data(0, &packet(1, true, &[0x65, 0x88]));
        assert_eq!(hear(&mut client, &picture), Ok(vec!["frame 0 6".to_owned()]));
    }
}

#[test]
fn a_camera_that_refuses_its_pictures_is_not_recorded() {
    let mut client = client();
    answer(&mut client, "200 OK", "", SDP).expect("described");
    let fault = answer(&mut client, "453 No", "", "").expect_err("is refused");
    assert!(fault.to_string().contains("busy"), "{fault}");
}

#[test]
fn a_goodbye_counts_from_the_source_that_is_heard() {
    let mut client = playing();
    let bye = |source| [0x81, 203, 0, 1, 0, 0, 0, source];
    hear(&mut client, &data(0, &packet(1, true, &[0x65, 0x88]))).expect("is heard");
    assert_eq!(hear(&mut client, &data(1, &bye(9))), Ok(vec![]));
    assert_eq!(hear(&mut client, &data(1, &bye(5))), Ok(vec!["goodbye 0".to_owned()]));
}

#[test]
fn media_are_not_taken_for_the_reports_of_another_track() {
    let mut client = client();
    answer(&mut client, "200 OK", "", SDP).expect("described");
    for channels in ["0-1", "1-2"] {
        let transport = format!("Transport: RTP/AVP/TCP;interleaved={channels}\r\n");
        answer(&mut client, "200 OK", &transport, "").expect("is set up");
    }
    answer(&mut client, "200 OK", "", "").expect("plays");
    let sound = data(1, &packet(1, true, &[1, 2, 3]));
    assert_eq!(hear(&mut client, &sound), Ok(vec!["frame 1 3".to_owned()]));
}

#[test]
fn leaving_is_answered_and_nothing_is_left_where_nothing_was() {
    let mut young = client();
    assert!(!young.leave() && young.is_gone());
    let mut client = playing();
    assert!(client.leave());
    assert!(said(&mut client).starts_with("TEARDOWN rtsp://cam/live/ RTSP/1.0"));
    hear(&mut client, &data(0, &packet(1, true, &[0x65, 0x88]))).expect("is still sent");
    assert!(!client.is_gone());
    answer(&mut client, "200 OK", "", "").expect("is let go");
    assert!(client.is_gone());
}

#[test]
fn a_camera_may_ask_and_may_end_it() {
    let mut client = playing();
    hear(&mut client, b"OPTIONS * RTSP/1.0\r\nCSeq: 4\r\n\r\n").expect("is answered");
    assert_eq!(said(&mut client), "RTSP/1.0 200 OK\r\nCSeq: 4\r\n\r\n");
    let fault = hear(&mut client, b"TEARDOWN x RTSP/1.0\r\nCSeq: 5\r\n\r\n").expect_err("is over");
    assert!(matches!(fault, Fault::Gone(_)));
}

#[test]
fn neither_questions_nor_empty_lines_are_piled_up() {
    let mut client = playing();
    assert_eq!(hear(&mut client, b"\r\n\r\n\n"), Ok(vec![]), "used, with nothing behind them");
    let questions = b"A * RTSP/1.0\n\n".repeat(limits::RTSP_OUTGOING_BYTES_MAX);
    hear(&mut client, &questions).expect_err("is too much");
    assert!(client.outgoing().len() < limits::RTSP_OUTGOING_BYTES_MAX + 100);
}

proptest! {
    #[test]
    fn any_bytes_are_heard_without_panic_and_within_bounds(
        before in 0usize..5,
        pieces in prop::collection::vec(prop_oneof![
            prop::collection::vec(any::<u8>(), 0..60),
            "(RTSP/1.0 (200|401|454) X\r\nCSeq: [1-5]\r\n(Session: a\r\n)?\r\n|m=video 0)"
                .prop_map(String::into_bytes),
            (0u8..4, prop::collection::vec(any::<u8>(), 0..60)).prop_map(|(c, b)| data(c, &b)),
            (any::<u8>(), any::<bool>(), prop::collection::vec(any::<u8>(), 0..40))
                .prop_map(|(s, m, p)| data(0, &packet(s, m, &p))),
        ], 0..12),
    ) {
        let mut client = if before == 0 { playing() } else { client() };
        if before > 1 {
            let _ = answer(&mut client, "200 OK", "", SDP);
        }
        let mut kept = Vec::new();
        for piece in pieces {
            kept.extend(piece);
            match client.receive(&kept, &mut |_| {}) {
                Ok(used) => { kept.drain(..used); }
                Err(_) => break,
            }
        }
        prop_assert!(client.outgoing().len() < limits::RTSP_OUTGOING_BYTES_MAX);
    }
}
