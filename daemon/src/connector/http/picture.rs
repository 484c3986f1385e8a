//! Pictures by their web addresses, which a platform's data names: from public addresses only, and not endlessly large.

use super::{
    base::{Base, Place},
    fault::{self, Reached},
    guard::{Guard, is_public},
    next,
    response::Secrets,
    retry,
    wire::{self, BOUNDS, Bounds},
};
use crate::connector::{Class, ConnectorError, Context, LARGEST_PICTURE, traffic::Traffic};
use bytes::Bytes;
use http::{HeaderValue, Method, header};
use reqwest::{Client, Url};
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};
use tokio::{sync::Semaphore, time::Instant};

/// Fetches pictures for one connection. Cheap to clone.
#[derive(Clone)]
pub struct Download(Arc<Pictures>);

struct Pictures {
    /// Where the connection itself is; that may be within a private network.
    own: Option<Own>,
    /// Calls public addresses only.
    public: Calls,
    under_way: Semaphore,
    bounds: Bounds,
    traffic: Arc<Traffic>,
    /// Hosts that could not be reached, until when that is taken for granted, and what was said of it.
    absent: Mutex<HashMap<String, (Instant, ConnectorError)>>,
}

struct Own {
    host: String,
    port: Option<u16>,
    /// Calls public addresses, and those of the connection's own host.
    calls: Calls,
}

/// A client that is made as soon as there is something to fetch.
struct Calls {
    guard: Guard,
    client: OnceLock<Result<Client, ConnectorError>>,
}

/// A picture is one file, which web servers answer at once.
const WHOLE: Duration = Duration::from_secs(60);
/// How long a host that was not reached is not tried again: a catalogue may name it a thousand times.
const ABSENT: Duration = Duration::from_secs(60);
const HOPS: usize = 5;

impl Download {
    /// For a connection that is at no web address itself.
    pub fn new(context: &Context) -> Self {
        Self::within(None, context, BOUNDS)
    }

    pub(super) fn within(own: Option<&Base>, context: &Context, bounds: Bounds) -> Self {
        let own = own.map(Base::url).map(|url| {
            let host = url.host_str().unwrap_or_default().to_owned();
            Own {
                calls: Calls::within(Some(host.clone())),
                port: url.port_or_known_default(),
                host,
            }
        });
        Self(Arc::new(Pictures {
            own,
            public: Calls::within(None),
            under_way: Semaphore::new(usize::try_from(context.pace.at_once.max(1)).unwrap_or(1)),
            bounds: Bounds {
                largest: LARGEST_PICTURE,
                whole: bounds.whole.min(WHOLE),
                ..bounds
            },
            traffic: Arc::clone(&context.traffic),
            absent: Mutex::default(),
        }))
    }

    /// The bytes at this address, at most [`LARGEST_PICTURE`]. That they are a picture is for who keeps them to see; pages
    /// and data are told apart here already.
    pub async fn picture(&self, address: &str) -> Result<Bytes, ConnectorError> {
        let Some(url) = Url::parse(address)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"))
        else {
            let message = "The address of a picture is no web address: correct it at the product.";
            return Err(ConnectorError::new(Class::Rejected, message));
        };
        let pictures = &*self.0;
        let _turn = pictures.under_way.acquire().await.expect("nobody closes it");
        let began = Instant::now();
        let mut made = 0;
        loop {
            made += 1;
            let error = match pictures.fetch(url.clone()).await {
                Ok(bytes) => return Ok(bytes),
                Err(NotHad { error, host }) => {
                    if let Some(host) = host {
                        pictures.is_absent(host, &error);
                        return Err(error);
                    }
                    error
                }
            };
            let Some(wait) = retry::again(&error, made, began.elapsed(), (pictures.bounds.chance)()) else {
                return Err(error);
            };
            tokio::time::sleep(wait).await;
        }
    }
}

/// Why a picture was not fetched.
struct NotHad {
    error: ConnectorError,
    /// The host that was not reached at all.
    host: Option<String>,
}

impl From<ConnectorError> for NotHad {
    fn from(error: ConnectorError) -> Self {
        Self { error, host: None }
    }
}

impl Pictures {
    /// Every hop is looked at anew.
    async fn fetch(&self, mut url: Url) -> Result<Bytes, NotHad> {
        for _ in 0..HOPS {
            let at = Place::of(&url);
            self.told_absent(&at.host)?;
            let client = self.client(&url).await?;
            let mut call = reqwest::Request::new(Method::GET, url.clone());
            call.headers_mut()
                .insert(header::ACCEPT, HeaderValue::from_static("image/*"));
            *call.timeout_mut() = Some(self.bounds.whole);
            let answered = wire::exchange(
                client,
                call,
                self.bounds.largest,
                &Secrets::default(),
                &self.traffic,
            )
            .await;
            let response = answered.map_err(|(reached, error)| NotHad {
                host: (reached == Reached::Never).then(|| at.host.clone()),
                error,
            })?;
            if let Some(next) = next(&url, &response) {
                if !matches!(next.scheme(), "http" | "https") {
                    return Err(fault::not_public(&Place::of(&next)).into());
                }
                url = next;
                continue;
            }
            let mime = response.header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
            return match response.status.as_u16() {
                200 if mime.starts_with("text/") || mime.starts_with("application/json") => {
                    let message = format!(
                        "There is no picture at {at}, but a page: correct its address at the product."
                    );
                    Err(ConnectorError::new(Class::Rejected, message).into())
                }
                200 => Ok(response.body),
                404 | 410 => {
                    let message = format!("There is no picture at {at} any more.");
                    Err(ConnectorError::new(Class::Missing, message).into())
                }
                401..=403 => {
                    let message = format!("The picture at {at} is not shown to everybody: make it public.");
                    Err(ConnectorError::new(Class::Rejected, message).into())
                }
                status @ (408 | 425 | 429 | 500..) => Err(NotHad::from(ConnectorError {
                    class: if status == 429 {
                        Class::RateLimited
                    } else {
                        Class::Unavailable
                    },
                    message: format!("{} did not give the picture at {at} ({status}).", at.host),
                    retry_after: response.retry_after(),
                })),
                status => {
                    let message = format!("{} did not give the picture at {at} ({status}).", at.host);
                    Err(ConnectorError::new(Class::Rejected, message).into())
                }
            };
        }
        let message = format!(
            "{} sends on in a circle: correct the picture's address.",
            Place::of(&url)
        );
        Err(ConnectorError::new(Class::Rejected, message).into())
    }

    fn told_absent(&self, host: &str) -> Result<(), ConnectorError> {
        let absent = self.absent.lock().unwrap_or_else(PoisonError::into_inner);
        match absent.get(host) {
            Some((until, error)) if *until > Instant::now() => Err(error.clone()),
            _ => Ok(()),
        }
    }

    fn is_absent(&self, host: String, error: &ConnectorError) {
        let mut absent = self.absent.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        absent.retain(|_, (until, _)| *until > now);
        absent.insert(host, (now + ABSENT, error.clone()));
    }

    /// Who may call this address. A port of the own host's that is not the shop's belongs to something else.
    async fn client(&self, url: &Url) -> Result<&Client, ConnectorError> {
        let host = url.host_str().unwrap_or_default();
        let own = self
            .own
            .as_ref()
            .filter(|own| own.port == url.port_or_known_default());
        // Addresses are called without being looked up, so nobody else looks at them.
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(at) = bare.parse()
            && !is_public(at)
        {
            let guard = own.map_or(&self.public, |own| &own.calls);
            if !matches!(guard.guard.look_up(host).await, Ok(Ok(_))) {
                return Err(fault::not_public(&Place::of(url)));
            }
        }
        own.map_or(&self.public, |own| &own.calls).client(&self.bounds)
    }
}

impl Calls {
    fn within(own: Option<String>) -> Self {
        Self {
            guard: Guard { own },
            client: OnceLock::new(),
        }
    }

    fn client(&self, bounds: &Bounds) -> Result<&Client, ConnectorError> {
        let made = self.client.get_or_init(|| {
            // A proxy would look names up by itself, past the guard.
            let client = wire::client(bounds)
                .no_proxy()
                .dns_resolver(Arc::new(self.guard.clone()));
            client.build().map_err(|error| {
                let message = format!("No pictures can be fetched ({error}): look into the log.");
                ConnectorError::new(Class::Unavailable, message)
            })
        });
        made.as_ref().map_err(ConnectorError::clone)
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own = self.0.own.as_ref().map(|own| &own.host);
        f.debug_struct("Download")
            .field("own", &own)
            .finish_non_exhaustive()
    }
}
