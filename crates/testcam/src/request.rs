//! RTSP requests (RFC 2326 section 6), as far as a camera needs them.

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// Longest line, and most bytes of a body.
const LENGTH_MAX: u64 = 64 << 10;

/// One request.
#[derive(Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) url: String,
    headers: Vec<(String, String)>,
}

impl Request {
    /// The next request, interleaved data skipped; `None` at the end of the connection.
    pub(crate) async fn read<R: AsyncBufRead + Unpin>(
        from: &mut R,
    ) -> std::io::Result<Option<Self>> {
        loop {
            let Some(first) = from.fill_buf().await?.first().copied() else { return Ok(None) };
            if first == b'$' {
                let mut header = [0; 4];
                from.read_exact(&mut header).await?;
                let length = u16::from_be_bytes([header[2], header[3]]);
                from.read_exact(&mut vec![0; usize::from(length)]).await?;
                continue;
            }
            let line = line(from).await?;
            if line.is_empty() {
                continue;
            }
            let mut words = line.split(' ').map(str::to_owned);
            let mut request = Self {
                method: words.next().unwrap_or_default(),
                url: words.next().unwrap_or_default(),
                headers: Vec::new(),
            };
            request.read_rest(from).await?;
            return Ok(Some(request));
        }
    }

    async fn read_rest<R: AsyncBufRead + Unpin>(&mut self, from: &mut R) -> std::io::Result<()> {
        loop {
            let line = line(from).await?;
            let Some((key, value)) = line.split_once(':') else { break };
            self.headers.push((key.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
        let length = self.header("content-length").and_then(|value| value.parse::<u64>().ok());
        let mut body = vec![0; length.unwrap_or(0).min(LENGTH_MAX) as usize];
        from.read_exact(&mut body).await?;
        Ok(())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The URL's path, without the track at its end; and the track.
    pub(crate) fn path(&self) -> (&str, Option<usize>) {
        let path = self.url.splitn(4, '/').nth(3).unwrap_or("").trim_end_matches('/');
        match path.rsplit_once("/trackID=") {
            Some((path, track)) => (path, track.parse().ok()),
            None => (path, None),
        }
    }
}

async fn line<R: AsyncBufRead + Unpin>(from: &mut R) -> std::io::Result<String> {
    let mut line = String::new();
    if from.take(LENGTH_MAX).read_line(&mut line).await? == 0 {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}
