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
use std::{fmt, sync::Arc, time::Duration};
use tokio::{sync::Semaphore, time::Instant};

/// Fetches pictures for one connection. Cheap to clone.
#[derive(Clone)]
pub struct Download(Arc<Pictures>);

struct Pictures {
    /// Where the connection itself is; that may be within a private network.
    own: Option<Own>,
    /// Calls public addresses only.
    public: Client,
    under_way: Semaphore,
    bounds: Bounds,
    traffic: Arc<Traffic>,
}

struct Own {
    host: String,
    port: Option<u16>,
    /// Calls public addresses, and those of the connection's own host.
    client: Client,
}

/// A picture is one file, which web servers answer at once.
const WHOLE: Duration = Duration::from_secs(60);
const HOPS: usize = 5;

impl Download {
    /// For a connection that is at no web address itself.
    pub fn new(context: &Context) -> Result<Self, ConnectorError> {
        Self::within(None, context, BOUNDS)
    }

    pub(super) fn within(
        own: Option<&Base>,
        context: &Context,
        bounds: Bounds,
    ) -> Result<Self, ConnectorError> {
        let client = |own: Option<&str>| {
            let guard = Guard {
                own: own.map(str::to_owned),
            };
            // A proxy would look names up by itself, past the guard.
            let built = wire::client(&bounds)
                .no_proxy()
                .dns_resolver(Arc::new(guard))
                .build();
            built.map_err(|error| {
                ConnectorError::new(
                    Class::Unavailable,
                    format!("No pictures can be fetched: {error}."),
                )
            })
        };
        let own = match own.map(Base::url) {
            Some(url) => {
                let host = url.host_str().unwrap_or_default().to_owned();
                Some(Own {
                    client: client(Some(&host))?,
                    port: url.port_or_known_default(),
                    host,
                })
            }
            None => None,
        };
        Ok(Self(Arc::new(Pictures {
            own,
            public: client(None)?,
            under_way: Semaphore::new(usize::try_from(context.pace.at_once.max(1)).unwrap_or(1)),
            bounds: Bounds {
                largest: LARGEST_PICTURE,
                whole: bounds.whole.min(WHOLE),
                ..bounds
            },
            traffic: Arc::clone(&context.traffic),
        })))
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
                Err(error) => error,
            };
            let Some(wait) = retry::again(&error, made, began.elapsed(), (pictures.bounds.chance)()) else {
                return Err(error);
            };
            tokio::time::sleep(wait).await;
        }
    }
}

impl Pictures {
    /// Every hop is looked at anew.
    async fn fetch(&self, mut url: Url) -> Result<Bytes, ConnectorError> {
        for _ in 0..HOPS {
            let client = self.client(&url).await?;
            let at = Place::of(&url);
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
            let response = answered.map_err(|(_reached, error): (Reached, _)| error)?;
            if let Some(next) = next(&url, &response) {
                if !matches!(next.scheme(), "http" | "https") {
                    return Err(fault::not_public(&Place::of(&next)));
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
                    Err(ConnectorError::new(Class::Rejected, message))
                }
                200 => Ok(response.body),
                404 | 410 => {
                    let message = format!("There is no picture at {at} any more.");
                    Err(ConnectorError::new(Class::Missing, message))
                }
                401..=403 => {
                    let message = format!("The picture at {at} is not shown to everybody: make it public.");
                    Err(ConnectorError::new(Class::Rejected, message))
                }
                status @ (408 | 425 | 429 | 500..) => Err(ConnectorError {
                    class: if status == 429 {
                        Class::RateLimited
                    } else {
                        Class::Unavailable
                    },
                    message: format!("{} did not give the picture at {at} ({status}).", at.host),
                    retry_after: response.retry_after(),
                }),
                status => {
                    let message = format!("{} did not give the picture at {at} ({status}).", at.host);
                    Err(ConnectorError::new(Class::Rejected, message))
                }
            };
        }
        let message = format!(
            "{} sends on in a circle: correct the picture's address.",
            Place::of(&url)
        );
        Err(ConnectorError::new(Class::Rejected, message))
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
            let guard = Guard {
                own: own.map(|own| own.host.clone()),
            };
            if !matches!(guard.look_up(host).await, Ok(Ok(_))) {
                return Err(fault::not_public(&Place::of(url)));
            }
        }
        Ok(own.map_or(&self.public, |own| &own.client))
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
