//! One WebSocket: whether its client is there, and still may.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use base::limits;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Interval, MissedTickBehavior};

use super::MAY;
use crate::app::App;
use crate::caller::Credentials;

/// Ticks from one `period` on; those that were missed are left out.
pub(super) fn every(period: Duration) -> Interval {
    let mut ticks = tokio::time::interval(period);
    ticks.reset();
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// One WebSocket: whether its client is there, and still may.
pub(super) struct Link {
    pub app: App,
    socket: WebSocket,
    credentials: Credentials,
    shutdown: base::shutdown::Requested,
    rechecks: Interval,
    /// Whether anything came since the last recheck.
    heard: bool,
    _place: OwnedSemaphorePermit,
}

/// What is to be dealt with before more is sent.
pub(super) enum Event {
    Gone,
    Shutdown,
    Recheck,
}

impl Link {
    pub fn new(
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
    pub async fn event(&mut self) -> Event {
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
    pub async fn go_on(&mut self, event: Event) -> bool {
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
    pub async fn send(&mut self, message: Message) -> bool {
        let sent = self.socket.send(message);
        matches!(tokio::time::timeout(limits::WEBSOCKET_SEND_TIMEOUT, sent).await, Ok(Ok(())))
    }

    pub async fn close(&mut self, code: u16, reason: &'static str) {
        let frame = CloseFrame { code, reason: reason.into() };
        self.send(Message::Close(Some(frame))).await;
    }
}
