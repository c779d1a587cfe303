//! Viewers that read everything, and say what came and how late.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, bail};
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use world::{Clock, SystemClock};

use super::aside::question;

/// What is read at once.
const READ: usize = 64 << 10;
/// Where in a fragment the stamp of its first frame stands, at the latest.
const STAMP_WITHIN: usize = 4 << 10;

/// What came since the last question.
#[derive(Default)]
struct Tally {
    messages: u64,
    bytes: u64,
    /// Messages that say that the viewer was too slow.
    late: u64,
    /// From the camera to here, of the first frame of each fragment.
    delays_us: Vec<i64>,
    /// Of the messages that the first viewer got.
    sizes: Vec<usize>,
}

type Shared = Arc<Mutex<Tally>>;

/// Asked for `viewers` of a `path` at an `address`, with a `token`, answers once all have got
/// something; without a path they read whatever comes. To each question after that, tells what
/// came since the one before.
pub fn view() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let job = next_question()?.context("nothing was asked for")?;
    runtime.block_on(async {
        let (tally, begun) = (Shared::default(), watch::Sender::new(0_u64));
        let viewers = job["viewers"].as_u64().context("how many?")?;
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..viewers {
            tasks.spawn(watch_one(job.clone(), number == 0, tally.clone(), begun.clone()));
        }
        let mut all = begun.subscribe();
        tokio::select! {
            begun = all.wait_for(|begun| *begun == viewers) => drop(begun?),
            Some(ended) = tasks.join_next() => bail!("a viewer has ended: {:?}", ended?),
        }
        println!("true");
        loop {
            let asked = tokio::task::spawn_blocking(next_question);
            let question = tokio::select! {
                asked = asked => asked??,
                Some(ended) = tasks.join_next() => bail!("a viewer has ended: {:?}", ended?),
            };
            if question.is_none() {
                return Ok(());
            }
            println!("{}", std::mem::take(&mut *guard(&tally)).tell());
        }
    })
}

fn next_question() -> Result<Option<Value>> {
    question(&mut std::io::stdin().lines())
}

async fn watch_one(
    job: Value,
    first: bool,
    tally: Shared,
    begun: watch::Sender<u64>,
) -> Result<()> {
    let address = job["address"].as_str().context("where?")?;
    let mut stream = TcpStream::connect(address).await?;
    let Some(path) = job["path"].as_str() else {
        begun.send_modify(|begun| *begun += 1);
        let mut buffer = vec![0; READ];
        while stream.read(&mut buffer).await? > 0 {}
        return Ok(());
    };
    let mut request = format!("ws://{address}{path}").into_client_request()?;
    let token = format!("Bearer {}", job["token"].as_str().unwrap_or_default());
    request.headers_mut().insert("authorization", token.parse()?);
    let config = WebSocketConfig::default().read_buffer_size(READ);
    let opened = tokio_tungstenite::client_async_with_config(request, stream, Some(config)).await;
    let (mut socket, clock, mut waits) = (opened?.0, SystemClock::new(), true);
    while let Some(message) = socket.next().await {
        let (message, now) = (message?, clock.wall().as_micros());
        let mut tally = guard(&tally);
        tally.messages += 1;
        tally.bytes += message.len() as u64;
        if first {
            tally.sizes.push(message.len());
        }
        match message {
            Message::Binary(bytes) => {
                let head = &bytes[..bytes.len().min(STAMP_WITHIN)];
                let sent = testcam::stamps(head).first().map(|stamp| stamp.sent_micros);
                tally.delays_us.extend(sent.map(|sent| now - sent));
                if std::mem::take(&mut waits) {
                    begun.send_modify(|begun| *begun += 1);
                }
            }
            Message::Text(text) => tally.late += u64::from(text.contains("\"late\"")),
            _ => {}
        }
    }
    Ok(())
}

fn guard(tally: &Shared) -> MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Tally {
    fn tell(self) -> Value {
        json!({
            "messages": self.messages,
            "bytes": self.bytes,
            "late": self.late,
            "delays_us": self.delays_us,
            "sizes": self.sizes,
        })
    }
}
