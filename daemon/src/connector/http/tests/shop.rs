//! A web server that says what a test tells it to, byte by byte.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What the next call gets. The last one stays.
#[derive(Clone, Debug)]
pub(super) enum Say {
    /// An answer, whole or not, and then the connection is closed.
    Bytes(Vec<u8>),
    /// Nothing, for as long as the caller waits.
    Nothing,
    /// The connection is closed after the call was read.
    Hangup,
}

pub(super) struct Shop {
    pub(super) address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Shop {
    pub(super) async fn saying(script: impl IntoIterator<Item = Say>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let script: Arc<Mutex<VecDeque<Say>>> = Arc::new(Mutex::new(script.into_iter().collect()));
        let hears = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&hears), Arc::clone(&script)));
            }
        });
        Self { address, heard }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The calls so far: head and body.
    pub(super) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn answer(mut stream: TcpStream, heard: Arc<Mutex<Vec<String>>>, script: Arc<Mutex<VecDeque<Say>>>) {
    let Some(call) = read(&mut stream).await else {
        return;
    };
    heard.lock().unwrap().push(call);
    let say = {
        let mut script = script.lock().unwrap();
        let last = script.len() == 1;
        if last {
            script.front().cloned()
        } else {
            script.pop_front()
        }
    };
    match say.expect("the script goes on") {
        Say::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
        }
        Say::Nothing => std::future::pending().await,
        Say::Hangup => {}
    }
}

async fn read(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                line.to_lowercase()
                    .strip_prefix("content-length: ")?
                    .parse::<usize>()
                    .ok()
            });
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            // Who wants to speak TLS is told in plain words that this is not how.
            Ok(_) if bytes.is_empty() && buffer[0] == 0x16 => return Some("TLS".to_owned()),
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}

/// A whole answer; `headers` each end in a line feed.
pub(super) fn says(status: &str, headers: &str, body: &[u8]) -> Say {
    let headers = headers.replace('\n', "\r\n");
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n");
    Say::Bytes([head.as_bytes(), body].concat())
}

pub(super) fn json(status: &str, body: &str) -> Say {
    says(status, "content-type: application/json\n", body.as_bytes())
}

pub(super) fn html(status: &str, body: &str) -> Say {
    says(
        status,
        "content-type: text/html; charset=UTF-8\n",
        body.as_bytes(),
    )
}
