//! RTSP with media interleaved in its connection (RFC 2326): a client without a socket, fed with
//! bytes, and pure but for the numbers that authentication draws.

mod client;
mod login;
mod message;
mod tracks;
mod words;

pub(crate) use client::{Client, Item};
pub(crate) use tracks::Offer;
