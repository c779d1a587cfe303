//! WebSockets: live pictures, and what changes.

use axum::Extension;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{Path, State};
use axum::response::Response;
use base::limits;
use live::{LiveMessage, LiveState, SubscribeError, Viewer};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Interval, MissedTickBehavior};

use super::cameras::{StreamNames, find_stream};
use crate::app::App;
use crate::caller::Credentials;
use crate::changes::Seen;
use crate::problem::Problem;
use crate::{render, wire};

/// What both sockets ask, at first and again and again.
const MAY: access::Permission = access::Permission::ViewLive;

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
    let viewer = app.live().subscribe(stream).map_err(|error| match error {
        SubscribeError::NoStream => Problem::Unavailable(error.to_string()),
        SubscribeError::TooMany(_) => Problem::Busy(error.to_string()),
    })?;
    Ok(upgrade.on_upgrade(move |socket| async move {
        let link = Link::new(app, socket, place, credentials);
        send_live(link, viewer).await;
    }))
}

async fn send_live(mut link: Link, mut viewer: Viewer) {
    loop {
        tokio::select! {
            biased;
            event = link.event() => if !link.go_on(event).await { return },
            message = viewer.next() => {
                let Some(message) = message else {
                    return link.close(close_code::AWAY, "the stream is gone").await;
                };
                for message in render_live(message) {
                    if !link.send(message).await {
                        return;
                    }
                }
            }
        }
    }
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
    Ok((upgrade.max_message_size(most).max_frame_size(most), place))
}

fn text(message: &impl serde::Serialize) -> Message {
    let json = serde_json::to_string(message).expect("wire types become JSON");
    Message::Text(json.into())
}

fn every(period: std::time::Duration) -> Interval {
    let mut ticks = tokio::time::interval(period);
    ticks.reset();
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// One WebSocket: whether its client is there, and still may.
struct Link {
    app: App,
    socket: WebSocket,
    credentials: Credentials,
    shutdown: base::shutdown::Requested,
    rechecks: Interval,
    /// Whether anything came since the last recheck.
    heard: bool,
    _place: OwnedSemaphorePermit,
}

enum Event {
    Gone,
    Shutdown,
    Recheck,
}

impl Link {
    fn new(
        app: App,
        socket: WebSocket,
        place: OwnedSemaphorePermit,
        credentials: Credentials,
    ) -> Self {
        let shutdown = app.shutdown().requested();
        let rechecks = every(limits::WEBSOCKET_RECHECK);
        Self { app, socket, credentials, shutdown, rechecks, heard: true, _place: place }
    }

    /// Waits for what is to be dealt with before more is sent. Dropping the future loses nothing.
    async fn event(&mut self) -> Event {
        loop {
            tokio::select! {
                () = &mut self.shutdown => return Event::Shutdown,
                _ = self.rechecks.tick() => return Event::Recheck,
                message = self.socket.recv() => match message {
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return Event::Gone,
                    Some(Ok(_)) => self.heard = true,
                },
            }
        }
    }

    /// Deals with `event`; whether to go on.
    async fn go_on(&mut self, event: Event) -> bool {
        match event {
            Event::Gone => false,
            Event::Shutdown => {
                self.close(close_code::AWAY, "the server is stopping").await;
                false
            }
            Event::Recheck if !self.heard => false,
            Event::Recheck => {
                self.heard = false;
                if !self.still_may().await {
                    self.close(close_code::POLICY, "signed out").await;
                    return false;
                }
                self.send(Message::Ping(axum::body::Bytes::new())).await
            }
        }
    }

    async fn still_may(&mut self) -> bool {
        let (credentials, app) = (self.credentials.clone(), self.app.clone());
        let asked = app.blocking(move |app| {
            let identity = credentials.identify(app)?;
            Ok(access::decide(&identity.caller, MAY, identity.rules).is_ok())
        });
        // A catalog that gives no answer takes away what nobody has revoked from no one.
        asked.await.unwrap_or(true)
    }

    /// Whether the client took it.
    async fn send(&mut self, message: Message) -> bool {
        let sent = self.socket.send(message);
        matches!(tokio::time::timeout(limits::WEBSOCKET_SEND_TIMEOUT, sent).await, Ok(Ok(())))
    }

    async fn close(&mut self, code: u16, reason: &'static str) {
        let frame = CloseFrame { code, reason: reason.into() };
        self.send(Message::Close(Some(frame))).await;
    }
}
