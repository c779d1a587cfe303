//! WebSockets: live pictures, and what changes.

mod link;

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocketUpgrade, close_code};
use axum::response::Response;
use base::limits;
use live::{LiveMessage, LiveState, Viewer};
use tokio::sync::OwnedSemaphorePermit;

use self::link::{Link, every};
use super::cameras::{StreamNames, find_stream};
use crate::app::App;
use crate::caller::Credentials;
use crate::changes::Seen;
use crate::path::Path;
use crate::problem::Problem;
use crate::{render, wire};

/// What both sockets ask, at first and again and again.
const MAY: access::Permission = access::Permission::ViewLive;

/// Messages to a live viewer between two looks at what it says, where there is no pause.
const SENT_UNHEARD_MAX: u32 = 8;

type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

/// `GET …/live`
pub(crate) async fn live(
    State(app): State<App>,
    Path(names): Path<StreamNames>,
    Extension(credentials): Extension<Credentials>,
    upgrade: Upgrade,
) -> Result<Response, Problem> {
    let stream = find_stream(&app, &names)?.id;
    let (upgrade, place) = accept(&app, upgrade)?;
    let viewer = app.live().subscribe(stream)?;
    Ok(upgrade.on_upgrade(move |socket| async move {
        let link = Link::new(app, socket, place, credentials);
        send_live(link, viewer).await;
    }))
}

async fn send_live(mut link: Link, mut viewer: Viewer) {
    let mut sent: u32 = 0;
    loop {
        let listen = sent.is_multiple_of(SENT_UNHEARD_MAX);
        match next(link.event(), viewer.next(), listen).await {
            Next::Event(event) => {
                if !link.go_on(event).await {
                    return;
                }
            }
            Next::Message(None) => {
                return link.close(close_code::AWAY, "the stream is gone").await;
            }
            Next::Message(Some(message)) => {
                for message in render_live(message) {
                    if !link.send(message).await {
                        return;
                    }
                }
            }
        }
        sent = sent.wrapping_add(1);
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Next<E, M> {
    Event(E),
    Message(M),
}

/// What is to be dealt with next. A viewer wakes for a fragment, as a rule: the message is looked
/// for first, unless it is time to `listen` to a client for which there always is one.
async fn next<E, M>(
    event: impl Future<Output = E>,
    message: impl Future<Output = M>,
    listen: bool,
) -> Next<E, M> {
    let (mut event, mut message) = (pin!(event), pin!(message));
    poll_fn(|cx| {
        if listen && let Poll::Ready(event) = event.as_mut().poll(cx) {
            return Poll::Ready(Next::Event(event));
        }
        if let Poll::Ready(message) = message.as_mut().poll(cx) {
            return Poll::Ready(Next::Message(message));
        }
        if listen { Poll::Pending } else { event.as_mut().poll(cx).map(Next::Event) }
    })
    .await
}

fn render_live(message: LiveMessage) -> Vec<Message> {
    use wire::watch::LiveMessage as To;
    match message {
        LiveMessage::Fragment(fragment) => vec![Message::Binary(fragment.bytes.clone())],
        LiveMessage::Init(init) => {
            let tracks = |of: &[std::sync::Arc<media::TrackParams>]| {
                of.iter().map(|params| render::track(params)).collect()
            };
            let head = To::Init {
                mime: init.mime.clone(),
                tracks: tracks(&init.tracks),
                left_out: tracks(&init.left_out),
                run: init.run.to_string(),
            };
            vec![text(&head), Message::Binary(init.bytes.clone())]
        }
        LiveMessage::Clock(clock) => {
            let media_s = clock.media_micros as f64 / 1e6;
            vec![text(&To::Clock { media_s, wall: clock.wall.into() })]
        }
        LiveMessage::Late(skipped) => {
            let skipped_s = skipped.micros as f64 / 1e6;
            vec![text(&To::Late { skipped_fragments: skipped.fragments, skipped_s })]
        }
        LiveMessage::State(state) => vec![text(&render_state(state))],
    }
}

fn render_state(state: LiveState) -> wire::watch::LiveMessage {
    use wire::watch::LiveState as To;
    let (state, since, cause) = match state {
        LiveState::Live { since } => (To::Live, Some(since), None),
        LiveState::WaitingForKeyFrame => (To::WaitingForKeyFrame, None, None),
        LiveState::Unplayable => (To::Unplayable, None, None),
        LiveState::NoSignal { ended } => {
            (To::NoSignal, ended.map(|(at, _)| at), ended.map(|(_, cause)| cause.to_string()))
        }
    };
    wire::watch::LiveMessage::State { state, since: since.map(Into::into), cause }
}

/// `GET /changes`
pub(crate) async fn changes(
    State(app): State<App>,
    Extension(credentials): Extension<Credentials>,
    upgrade: Upgrade,
) -> Result<Response, Problem> {
    let (upgrade, place) = accept(&app, upgrade)?;
    Ok(upgrade.on_upgrade(move |socket| async move {
        let link = Link::new(app, socket, place, credentials);
        send_changes(link).await;
    }))
}

/// Looks at what changed since it last told, at most once a tick: a slow client gets less, later,
/// and nothing is queued for it.
async fn send_changes(mut link: Link) {
    let mut seen = Seen::of(&link.app);
    let mut ticks = every(limits::CHANGES_TICK);
    let reset = wire::watch::ChangeMessage::Reset { now: link.app.clock().wall().into() };
    if !link.send(text(&reset)).await {
        return;
    }
    loop {
        tokio::select! {
            biased;
            event = link.event() => if !link.go_on(event).await { return },
            _ = ticks.tick() => {
                for message in seen.renew(Seen::of(&link.app)) {
                    if !link.send(text(&message)).await {
                        return;
                    }
                }
            }
        }
    }
}

fn accept(
    app: &App,
    upgrade: Upgrade,
) -> Result<(WebSocketUpgrade, OwnedSemaphorePermit), Problem> {
    let upgrade = upgrade.map_err(|why| Problem::bad("upgrade", why.body_text()))?;
    let busy = |_| Problem::Busy("too many WebSockets are open".into());
    let place = app.sockets().clone().try_acquire_owned().map_err(busy)?;
    let most = limits::WEBSOCKET_INPUT_BYTES_MAX;
    let upgrade = upgrade.max_message_size(most).max_frame_size(most);
    // The library fills so much with zeros whenever it looks whether anything came.
    Ok((upgrade.read_buffer_size(limits::WEBSOCKET_READ_BYTES), place))
}

fn text(message: &impl serde::Serialize) -> Message {
    let json = serde_json::to_string(message).expect("wire types become JSON");
    Message::Text(json.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[tokio::test]
    async fn a_client_that_always_has_a_message_waiting_is_heard_when_it_is_time() {
        let both = |listen| next(std::future::ready(1), std::future::ready(2), listen);
        assert_eq!(both(false).await, Next::Message(2));
        assert_eq!(both(true).await, Next::Event(1));
        let quiet = |listen| next(std::future::ready(1), std::future::pending::<u8>(), listen);
        assert_eq!(quiet(false).await, Next::Event(1));
    }

    #[test]
    fn all_viewers_are_sent_the_same_bytes() {
        let bytes = axum::body::Bytes::from(vec![7; 100]);
        let at = bytes.as_ptr();
        let fragment = live::Fragment { bytes, key: true, start_micros: 0, end_micros: 40_000 };
        let fragment = Arc::new(fragment);
        for _ in 0..3 {
            let sent = render_live(LiveMessage::Fragment(fragment.clone()));
            let [Message::Binary(sent)] = &sent[..] else { panic!("{sent:?}") };
            assert_eq!(sent.as_ptr(), at);
        }
    }
}
