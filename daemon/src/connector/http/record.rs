//! Recording what a platform really says, as fixtures for tests: every call with its answer becomes a file, in which
//! nothing of buyers, and no secret, is left.

mod scrub;

use super::{Request, Response};
use crate::apart::apart;
use scrub::Scrub;
use serde_json::{Map, Value, json};
use shared::ids::ConnectionId;
use std::{
    env, fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// Names the folder that is recorded to; without it nothing is.
const VARIABLE: &str = "CLICK2SYNC_RECORD";

/// Headers of answers that connectors go by; all others may hold anything.
const TOLD: [&str; 4] = ["content-type", "link", "location", "retry-after"];
const TOLD_BEGINNINGS: [&str; 2] = ["x-wp-", "x-ratelimit-"];

/// Writes the calls of one connection to a folder of its own.
#[derive(Debug)]
pub(super) struct Recorder {
    folder: PathBuf,
    made: AtomicU64,
    /// The same person has the same stand-in in every file.
    scrub: Mutex<Scrub>,
}

impl Recorder {
    /// A recorder where the environment asks for one. `host` is the platform's own name, which is left out too.
    pub(super) fn of(connection: &ConnectionId, host: &str) -> Option<Arc<Self>> {
        let folder = env::var_os(VARIABLE).filter(|folder| !folder.is_empty())?;
        Some(Arc::new(Self::within(
            &Path::new(&folder).join(connection.as_str()),
            host,
        )))
    }

    pub(super) fn within(folder: &Path, host: &str) -> Self {
        Self {
            folder: folder.to_owned(),
            made: AtomicU64::new(0),
            scrub: Mutex::new(Scrub::of(host)),
        }
    }

    /// Writes one call and its answer. What cannot be written is told in the log, and holds nothing up.
    pub(super) async fn note(
        self: &Arc<Self>,
        call: &Request,
        query: Vec<(String, String)>,
        answer: &Response,
    ) {
        let (recorder, call, answer) = (Arc::clone(self), call.clone(), answer.clone());
        let written = apart(move || recorder.write(&call, &query, &answer)).await;
        if let Ok(Err(error)) = written {
            tracing::warn!(folder = %self.folder.display(), reason = %error, "A call could not be recorded");
        }
    }

    fn write(&self, call: &Request, query: &[(String, String)], answer: &Response) -> io::Result<()> {
        let number = self.made.fetch_add(1, Ordering::Relaxed) + 1;
        let told =
            |name: &str| TOLD.contains(&name) || TOLD_BEGINNINGS.iter().any(|with| name.starts_with(with));
        let headers = answer.headers.iter().filter(|(name, _)| told(name.as_str()));
        let headers: Map<String, Value> = headers
            .filter_map(|(name, value)| Some((name.to_string(), Value::from(value.to_str().ok()?))))
            .collect();
        let query: Vec<Value> = query.iter().map(|(name, value)| json!({ name: value })).collect();
        let mut fixture = json!({
            "call": { "method": call.method.as_str(), "path": call.path, "query": query, "body": body(&call.body) },
            "answer": { "status": answer.status.as_u16(), "headers": headers, "body": body(&answer.body) },
        });
        {
            let mut scrub = self.scrub.lock().unwrap_or_else(PoisonError::into_inner);
            scrub.keep_secret(&answer.secrets);
            scrub.clean(&mut fixture);
        }
        let letters = |letter: char| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '-'
            }
        };
        let name: String = call.path.chars().map(letters).take(60).collect();
        fs::create_dir_all(&self.folder)?;
        let file = self
            .folder
            .join(format!("{number:04}-{}-{name}.json", call.method));
        fs::write(file, format!("{fixture:#}\n"))
    }
}

/// As JSON where it is some, else as text; of other bytes only how many they are.
fn body(bytes: &[u8]) -> Value {
    match (serde_json::from_slice(bytes), str::from_utf8(bytes)) {
        (Ok(json), _) => json,
        (Err(_), Ok("")) => Value::Null,
        (Err(_), Ok(text)) => Value::from(text),
        (Err(_), Err(_)) => Value::from(format!("{} bytes", bytes.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::http::base::Place;
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};

    #[tokio::test]
    async fn a_recorded_call_can_be_read_and_says_nothing_of_anybody() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Arc::new(Recorder::within(folder.path(), "shop.tallow.example"));
        let order = json!([{
            "id": 727, "status": "processing", "customer_ip_address": "203.0.113.77",
            "billing": { "first_name": "Jolanda", "last_name": "Quist", "email": "jolanda@quist.example",
                "phone": "+31 6 1234 5678", "address_1": "Kerkstraat 12", "city": "Utrecht", "country": "NL" },
            "customer_note": "Ring at Quist, please", "line_items": [{ "name": "Mug for Jolanda", "sku": "MUG-1" }],
            "_links": { "self": [{ "href": "https://shop.tallow.example/wp-json/wc/v3/orders/727" }] }
        }]);
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("x-wp-total", "1"),
            ("set-cookie", "session=abc"),
            ("vendure-auth-token", "tok-1234"),
            (
                "link",
                "<https://shop.tallow.example/wp-json/wc/v3/orders?page=2>; rel=\"next\"",
            ),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        let answer = Response {
            status: StatusCode::OK,
            headers,
            body: Bytes::from(order.to_string()),
            at: Place::of(
                &"https://shop.tallow.example/wp-json/wc/v3/orders"
                    .parse()
                    .unwrap(),
            ),
            secrets: vec!["cs_very_secret".to_owned()].into(),
        };
        let call = Request::get("wp-json/wc/v3/orders")
            .json(&json!({ "password": "hunter22", "key": "cs_very_secret" }));
        let query = vec![
            ("search".to_owned(), "jolanda@quist.example".to_owned()),
            ("oauth_signature".to_owned(), "c2lnbmF0dXJl".to_owned()),
        ];
        recorder.note(&call, query, &answer).await;
        let file = folder.path().join("0001-GET-wp-json-wc-v3-orders.json");
        let text = fs::read_to_string(file).unwrap();
        for gone in [
            "Jolanda",
            "jolanda",
            "Quist",
            "quist",
            "1234 5678",
            "Kerkstraat",
            "Utrecht",
            "203.0.113.77",
            "tallow",
            "session",
            "tok-1234",
            "cs_very_secret",
            "hunter22",
            "c2lnbmF0dXJl",
        ] {
            assert!(!text.contains(gone), "{gone} is in {text}");
        }
        let kept: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(kept["answer"]["body"][0]["line_items"][0]["sku"], "MUG-1");
        assert_eq!(kept["answer"]["body"][0]["billing"]["country"], "NL");
        assert_eq!(kept["answer"]["headers"]["x-wp-total"], "1");
        let person = &kept["answer"]["body"][0]["billing"];
        assert_eq!(
            kept["call"]["query"][0]["search"], person["email"],
            "the same stand-in everywhere"
        );
        assert!(
            text.contains("https://shop.example/wp-json/wc/v3/orders/727"),
            "{text}"
        );
    }
}
