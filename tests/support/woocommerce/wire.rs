//! Calls in and answers out.

use super::{Answer, State, What, fault, faulty, list::Query};
use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::net::TcpListener;

pub(super) async fn serve(state: Arc<Mutex<State>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let state = Arc::clone(&state);
            tokio::spawn(async move {
                let service = service_fn(move |request| respond(Arc::clone(&state), address, request));
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    address
}

async fn respond(
    state: Arc<Mutex<State>>,
    address: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, io::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    if let Some(name) = head.uri.path().strip_prefix("/wp-content/uploads/") {
        let state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let (status, bytes) = match state.files.get(name) {
            Some(bytes) => (200, bytes.clone()),
            None => (404, Bytes::new()),
        };
        let response = Response::builder()
            .status(status)
            .header("content-type", "image/png");
        return Ok(response.body(Full::new(bytes)).expect("headers of plain letters"));
    }
    let call = Call::new(&head, address, &body);
    let (answer, what) = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let told = format!("{} {}", call.method, call.told());
        let at = state
            .mishaps
            .iter()
            .position(|mishap| told.starts_with(mishap.call));
        let what = at
            .and_then(|at| state.mishaps.remove(at))
            .map(|mishap| mishap.what);
        let answer = match what {
            Some(What::Maintenance) => page(503, "Briefly unavailable for scheduled maintenance.", &[("retry-after", "600")]),
            Some(What::BadGateway) => page(502, "502 Bad Gateway", &[]),
            Some(What::Fatal) => Answer {
                status: 500,
                headers: Vec::new(),
                body: json!({"code": "internal_server_error", "data": {"status": 500},
                    "message": "<p>There has been a critical error on this website.</p><p><a href=\"https://wordpress.org/\">Learn more.</a></p>"})
                .to_string(),
            },
            Some(What::CutOff | What::Truncated) | None => state.answer(&call),
        };
        (answer, what)
    };
    if what == Some(What::CutOff) {
        return Err(io::Error::other("the client is gone"));
    }
    let html = answer.body.starts_with('<');
    let mut response = Response::builder().status(answer.status).header(
        "content-type",
        if html {
            "text/html; charset=UTF-8"
        } else {
            "application/json; charset=UTF-8"
        },
    );
    for (name, value) in &answer.headers {
        response = response.header(*name, value);
    }
    let mut body = answer.body.into_bytes();
    if what == Some(What::Truncated) {
        body.truncate(body.len() / 2);
    }
    Ok(response
        .body(Full::new(Bytes::from(body)))
        .expect("headers of plain letters"))
}

/// A call as the shop understands it.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) address: String,
    /// Below wp-json.
    pub(super) path: String,
    pub(super) index: bool,
    pub(super) query: Query,
    pub(super) authorization: String,
    pub(super) disposition: String,
    pub(super) is_json: bool,
    pub(super) body: Bytes,
}

impl Call {
    fn new(head: &http::request::Parts, address: SocketAddr, body: &Bytes) -> Self {
        let header = |name: &str| {
            let value = head.headers.get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let path = head.uri.path();
        let below = path.strip_prefix("/index.php").unwrap_or(path);
        Self {
            method: head.method.clone(),
            // As it was called, which may be by a way round.
            address: match header("host") {
                host if host.is_empty() => format!("http://{address}{path}"),
                host => format!("http://{host}{path}"),
            },
            path: below
                .strip_prefix("/wp-json/")
                .unwrap_or("?")
                .trim_end_matches('/')
                .to_owned(),
            index: path.starts_with("/index.php"),
            query: Query::parse(head.uri.query().unwrap_or_default()),
            authorization: header("authorization"),
            disposition: header("content-disposition"),
            is_json: header("content-type").starts_with("application/json"),
            body: body.clone(),
        }
    }

    /// Path and query, but for what signs it.
    pub(super) fn told(&self) -> String {
        let query: Vec<String> = self
            .query
            .0
            .iter()
            .filter(|(name, _)| !name.starts_with("oauth_"))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if query.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, query.join("&"))
        }
    }
}

impl State {
    fn answer(&mut self, call: &Call) -> Answer {
        if call.path == "?" || self.knobs.plain_permalinks && !call.index {
            return page(404, "Page not found", &[]);
        }
        if call.body.len() > self.knobs.largest {
            return page(413, "413 Request Entity Too Large", &[]);
        }
        if let Err(refused) = self.let_in(call) {
            return refusal(&refused);
        }
        self.calls.push(format!("{} {}", call.method, call.told()));
        // What is not sent as JSON is not read at all.
        let given = if call.is_json {
            serde_json::from_slice(&call.body)
        } else {
            Ok(json!({}))
        };
        let Ok(given) = given else {
            return refusal(&fault(
                400,
                "rest_invalid_json",
                "Invalid JSON body passed.",
                json!({}),
            ));
        };
        match self.route(call, &given) {
            Ok(answer) => answer,
            Err(refused) => refusal(&refused),
        }
    }

    fn route(&mut self, call: &Call, given: &Value) -> Result<Answer, super::Fault> {
        let path: Vec<&str> = call.path.split('/').collect();
        let number = |text: &str| text.parse::<u64>().unwrap_or_default();
        let (get, post, put) = (
            call.method == Method::GET,
            call.method == Method::POST,
            call.method == Method::PUT,
        );
        match path.as_slice() {
            ["wc", "v3", "products"] if get => self.list_products(&call.query),
            ["wc", "v3", "products"] if post => self.made_product(given),
            ["wc", "v3", "products", "batch"] if post => self.batch(given, super::save::Kind::Products),
            ["wc", "v3", "products", "attributes"] if get => Ok(ok(self.shop_attributes())),
            ["wc", "v3", "products", kind @ ("categories" | "tags" | "brands")]
                if *kind != "brands" || self.knobs.brands =>
            {
                if get {
                    self.list_terms(kind, &call.query)
                } else {
                    self.made_term(kind, given)
                }
            }
            ["wc", "v3", "products", id] if get => self.one_product(number(id)),
            ["wc", "v3", "products", id] if put => self.changed_product(number(id), given),
            ["wc", "v3", "products", id, "variations"] if get => {
                self.list_variations(Some(number(id)), &call.query)
            }
            ["wc", "v3", "products", id, "variations", "batch"] if post => {
                self.batch(given, super::save::Kind::Variations(number(id)))
            }
            ["wc-analytics", "variations"] if get && self.knobs.analytics => {
                self.list_variations(None, &call.query)
            }
            ["wc", "v3", "settings", "products", "woocommerce_weight_unit"] if get => Ok(ok(json!({
                "id": "woocommerce_weight_unit", "label": "Weight unit", "type": "select", "default": "kg",
                "value": self.knobs.weight_unit,
            }))),
            ["wc", "v3", "webhooks"] if get => self.list_webhooks(&call.query),
            ["wc", "v3", "webhooks"] if post => Ok(self.made_webhook(given)),
            ["wp", "v2", "media"] if get => Ok(ok(self.media_called(call.query.get("slug")))),
            ["wp", "v2", "media"] if post => Ok(self.uploaded(call)),
            ["wc", "v3", "orders", ..] => self.orders(&call.method, &path[2..], &call.query, given),
            _ => Err(fault(
                404,
                "rest_no_route",
                "No route was found matching the URL and request method.",
                json!({}),
            )),
        }
    }
}

pub(super) fn ok(body: impl Into<Value>) -> Answer {
    Answer {
        status: 200,
        headers: Vec::new(),
        body: body.into().to_string(),
    }
}

pub(super) fn created(body: impl Into<Value>) -> Answer {
    Answer {
        status: 201,
        ..ok(body)
    }
}

fn refusal(refused: &super::Fault) -> Answer {
    Answer {
        status: refused.0.0,
        ..ok(faulty(refused))
    }
}

fn page(status: u16, title: &str, headers: &[(&'static str, &str)]) -> Answer {
    Answer {
        status,
        headers: headers
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect(),
        body: format!(
            "<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
        ),
    }
}
