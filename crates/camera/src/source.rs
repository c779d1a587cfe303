//! What a stream is fetched from: an URL without credentials, and the credentials.

use std::fmt;

use url::Url;

/// How media is carried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// Interleaved in the RTSP connection (RFC 2326 section 10.12).
    #[default]
    Tcp,
}

/// Where one stream of a camera is found, and who we say that we are.
#[derive(Clone, PartialEq, Eq)]
pub struct StreamSource {
    /// What logs call it, as in `front-door/main`.
    pub label: String,
    url: Url,
    credentials: Option<Credentials>,
    /// How media is carried.
    pub transport: Transport,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Credentials {
    pub(crate) username: String,
    pub(crate) password: String,
}

/// The text is no URL that a camera can be reached by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadUrl {
    /// It does not parse.
    #[error("not a URL ({0}): expected rtsp://host[:port]/path")]
    Syntax(#[from] url::ParseError),
    /// It is not RTSP.
    #[error("the scheme {0:?} is not supported: expected rtsp://")]
    Scheme(String),
    /// It names no host.
    #[error("it names no host: expected rtsp://host[:port]/path")]
    NoHost,
}

impl StreamSource {
    /// A source; credentials inside the URL are split off.
    pub fn new(label: impl Into<String>, url: &str) -> Result<Self, BadUrl> {
        let mut url = Url::parse(url.trim())?;
        if url.scheme() != "rtsp" {
            return Err(BadUrl::Scheme(url.scheme().to_owned()));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(BadUrl::NoHost);
        }
        let credentials = (!url.username().is_empty()).then(|| Credentials {
            username: percent_decoded(url.username()),
            password: percent_decoded(url.password().unwrap_or("")),
        });
        url.set_username("").map_err(|()| BadUrl::NoHost)?;
        url.set_password(None).map_err(|()| BadUrl::NoHost)?;
        let transport = Transport::default();
        Ok(Self { label: label.into(), url, credentials, transport })
    }

    /// The same source with these credentials; they go before any in the URL.
    pub fn with_credentials(mut self, username: &str, password: &str) -> Self {
        let (username, password) = (username.to_owned(), password.to_owned());
        self.credentials = Some(Credentials { username, password });
        self
    }

    /// The URL, which holds no credentials.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The port that it names, or that of RTSP (RFC 2326 section 3.2).
    pub(crate) fn port(&self) -> u16 {
        self.url.port().unwrap_or(554)
    }

    pub(crate) fn credentials(&self) -> Option<&Credentials> {
        self.credentials.as_ref()
    }
}

impl fmt::Debug for StreamSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamSource")
            .field("label", &self.label)
            .field("url", &self.url.as_str())
            .field("credentials", &self.credentials.is_some())
            .field("transport", &self.transport)
            .finish()
    }
}

/// Undoes RFC 3986 percent encoding; what is not valid stays as it is.
fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = text.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (bytes[at], code) {
            (b'%', Some(code)) => {
                out.push(code);
                at += 3;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_split_off_and_decoded() {
        let source = StreamSource::new("a", "rtsp://admin:p%40ss%2Fw@10.0.0.9:554/main?x=1")
            .expect("is a good URL");
        assert_eq!(source.url().as_str(), "rtsp://10.0.0.9:554/main?x=1");
        let credentials = source.credentials().expect("were given");
        assert_eq!((&*credentials.username, &*credentials.password), ("admin", "p@ss/w"));
        assert!(!format!("{source:?}").contains("p@ss"));
    }

    #[test]
    fn what_is_no_camera_is_refused_in_words() {
        let refused = |url| StreamSource::new("a", url).expect_err("is refused").to_string();
        assert!(refused("http://10.0.0.9/").contains("expected rtsp://"));
        assert!(refused("10.0.0.9").contains("not a URL"));
        assert!(refused("rtsp:///main").contains("no host"));
    }
}
