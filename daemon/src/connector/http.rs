//! The one HTTP floor: everything that leaves this program for a platform goes through here.
//!
//! A call waits for its turn at the connection's own pace, is made over a connection that is kept open, and is read to its
//! end. What comes of it is an answer or an error of a class, with a sentence for the shop's owner. Nothing of a secret is
//! in any sentence or log line.

mod base;
mod fault;
mod gate;
mod guard;
mod limit;
mod picture;
mod record;
mod request;
mod response;
mod retry;
mod tls;
mod wire;

pub use base::Base;
pub use picture::Download;
pub use request::{Request, Signer, Unsigned};
pub use response::Response;

use super::{Class, ConnectorError, Context, traffic::Traffic};
use bytes::Bytes;
use fault::Reached;
use gate::{Gate, LeftAlone, Pass};
use http::{Method, StatusCode, header};
use limit::{Ceilings, End};
use record::Recorder;
use reqwest::{Client, Url};
use shared::{ids::ConnectionId, policy::Pace};
use std::{fmt, sync::Arc, time::Duration};
use tokio::time::Instant;
use wire::{BOUNDS, Bounds};

/// Speaks HTTP with one connection's platform. Cheap to clone; clones share their pace.
#[derive(Clone)]
pub struct Http(Arc<Floor>);

struct Floor {
    connection: ConnectionId,
    base: Base,
    client: Client,
    gate: Gate,
    verdict: Verdict,
    bounds: Bounds,
    traffic: Arc<Traffic>,
    download: Download,
    recorder: Option<Arc<Recorder>>,
}

/// What an answer means where its status alone does not say it: bodies that say "throttled" or hold errors under 200, codes
/// of the platform. `None`: what its status says.
pub type Verdict = fn(&Response) -> Option<ConnectorError>;

/// A write that was not carried out, or not certainly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Certainly not.
    Refused(ConnectorError),
    /// Nobody knows.
    Unclear(ConnectorError),
}

/// An attempt that did not work out.
struct Failed {
    error: ConnectorError,
    effect: Effect,
}

/// What a call that failed may have done at the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// It was turned away before anybody looked at it.
    TurnedAway,
    /// It was looked at and refused.
    Refused,
    Unknown,
}

/// The most redirects of one call.
const HOPS: usize = 5;

impl Http {
    /// The floor of a connection whose platform is at `base`.
    pub fn new(base: Base, context: &Context, verdict: Verdict) -> Result<Self, ConnectorError> {
        Self::within(base, context, verdict, BOUNDS)
    }

    fn within(
        base: Base,
        context: &Context,
        verdict: Verdict,
        bounds: Bounds,
    ) -> Result<Self, ConnectorError> {
        let mut client = wire::client(&bounds);
        let host = base.url().host_str().unwrap_or_default();
        if host == "localhost" || host.parse().is_ok_and(|at| !guard::is_public(at)) {
            // What is near is not reached through a proxy that this machine uses for the rest.
            client = client.no_proxy();
        }
        let client = client
            .build()
            .map_err(|error| fault::explain(&error, &base::Place::of(base.url())).1)?;
        let Pace { at_once, per_second } = context.pace;
        let ceilings = Ceilings {
            at_once,
            per_second: per_second.and_then(|rate| rate.to_string().parse().ok()),
        };
        Ok(Self(Arc::new(Floor {
            connection: context.connection.clone(),
            download: Download::within(Some(&base), context, bounds),
            recorder: Recorder::of(&context.connection, base.url().host_str().unwrap_or_default()),
            gate: Gate::new(ceilings, Arc::clone(&context.traffic)),
            traffic: Arc::clone(&context.traffic),
            base,
            client,
            verdict,
            bounds,
        })))
    }

    /// A call that changes nothing: tried again where that may help, a few times and not for long.
    pub async fn read(&self, call: Request) -> Result<Response, ConnectorError> {
        self.call(&call, |failed| failed.error.class.is_passing())
            .await
            .map_err(|failed| failed.error)
    }

    /// A call that changes something: tried again only where it certainly was not looked at.
    pub async fn write(&self, call: Request) -> Result<Response, Failure> {
        let turned_away = |failed: &Failed| failed.effect == Effect::TurnedAway;
        self.call(&call, turned_away)
            .await
            .map_err(|failed| match failed.effect {
                Effect::TurnedAway | Effect::Refused => Failure::Refused(failed.error),
                Effect::Unknown => Failure::Unclear(failed.error),
            })
    }

    /// The bytes of a picture, from any public address or the connection's own host.
    pub async fn picture(&self, address: &str) -> Result<Bytes, ConnectorError> {
        self.0.download.picture(address).await
    }

    /// What went to the platform so far.
    pub fn traffic(&self) -> &Traffic {
        &self.0.traffic
    }

    pub fn base(&self) -> &Base {
        &self.0.base
    }

    async fn call(&self, call: &Request, may_repeat: impl Fn(&Failed) -> bool) -> Result<Response, Failed> {
        let floor = &*self.0;
        let mut began = None;
        let mut made = 0;
        loop {
            let pass = floor.gate.pass(call.haste.patience()).await;
            let pass = pass.map_err(|LeftAlone(wait)| floor.left_alone(wait))?;
            let began = *began.get_or_insert_with(Instant::now);
            made += 1;
            let mut failed = match floor.attempt(pass, call).await {
                Ok(response) => return Ok(response),
                Err(failed) => failed,
            };
            failed.error.message = response::redact(failed.error.message, &call.secrets);
            let again = may_repeat(&failed) && call.haste.may_repeat();
            let wait =
                again.then(|| retry::again(&failed.error, made, began.elapsed(), (floor.bounds.chance)()));
            let Some(wait) = wait.flatten() else {
                return Err(failed);
            };
            tracing::debug!(connection = %floor.connection, made, ?wait, reason = %failed.error, "A call is made again");
            tokio::time::sleep(wait).await;
        }
    }
}

impl Floor {
    async fn attempt(&self, pass: Pass<'_>, call: &Request) -> Result<Response, Failed> {
        let done = self.follow(call).await;
        let end = match &done {
            Ok(_) => End::Answered {
                kind: call.kind_of(),
                took: pass.took(),
            },
            Err(Failed { error, effect }) => match (error.class, effect) {
                (Class::RateLimited, _) => End::Throttled {
                    retry_after: error.retry_after,
                },
                // A shop that is not there at all says nothing about how much it could take.
                (Class::Unavailable, Effect::TurnedAway) if error.retry_after.is_none() => End::Untold,
                (Class::Unavailable, _) => End::Overloaded {
                    retry_after: error.retry_after,
                },
                (Class::Auth | Class::Rejected | Class::Missing | Class::Protocol, _) => End::Untold,
            },
        };
        pass.end(end);
        done
    }

    /// Makes the call, and follows where the platform sends on within itself.
    async fn follow(&self, call: &Request) -> Result<Response, Failed> {
        let mut url = self.base.at(&call.path).map_err(refused)?;
        url.query_pairs_mut().extend_pairs(&call.query);
        if call.query.is_empty() {
            url.set_query(None);
        }
        for _ in 0..HOPS {
            let response = self
                .send(call, url.clone())
                .await
                .map_err(|(reached, error)| Failed {
                    error,
                    effect: match reached {
                        Reached::Never => Effect::TurnedAway,
                        Reached::Perhaps => Effect::Unknown,
                    },
                })?;
            match next(&url, &response).filter(|next| may_follow(call, &url, next, response.status)) {
                Some(next) => url = next,
                None => return self.judge(call, response),
            }
        }
        let message = format!("{} sends on in a circle: check `url`.", base::Place::of(&url));
        Err(refused(ConnectorError::new(Class::Protocol, message)))
    }

    async fn send(&self, call: &Request, mut url: Url) -> Result<Response, (Reached, ConnectorError)> {
        let mut secrets = call.secrets.clone();
        if let Some(sign) = &call.signer {
            let address = {
                let mut bare = url.clone();
                bare.set_query(None);
                String::from(bare)
            };
            let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            let signature = sign(&Unsigned {
                method: &call.method,
                address: &address,
                query: &query,
            });
            url.query_pairs_mut().extend_pairs(&signature);
            secrets.extend(signature.into_iter().map(|(_, value)| value));
        }
        let mut request = reqwest::Request::new(call.method.clone(), url);
        *request.headers_mut() = call.headers.clone();
        request::accept(request.headers_mut());
        if !call.body.is_empty() {
            *request.body_mut() = Some(call.body.clone().into());
        }
        *request.timeout_mut() = Some(call.haste.whole(self.bounds.whole));
        let at = base::Place::of(request.url());
        let query: Vec<(String, String)> = request.url().query_pairs().into_owned().collect();
        let began = Instant::now();
        let answered = wire::exchange(
            &self.client,
            request,
            self.bounds.largest,
            &secrets.into(),
            &self.traffic,
        )
        .await;
        tracing::debug!(
            connection = %self.connection, method = %call.method, %at, took = ?began.elapsed(),
            status = answered.as_ref().map_or(0, |response| response.status.as_u16()), "Called the platform"
        );
        if let (Some(recorder), Ok(answer)) = (&self.recorder, &answered) {
            recorder.note(call, query, answer).await;
        }
        answered
    }

    /// Whether an answer is one.
    fn judge(&self, call: &Request, response: Response) -> Result<Response, Failed> {
        if call.takes(&response) {
            return Ok(response);
        }
        let Some(error) = (self.verdict)(&response).or_else(|| response.failure()) else {
            return Ok(response);
        };
        let effect = match error.class {
            Class::RateLimited => Effect::TurnedAway,
            Class::Auth | Class::Rejected | Class::Missing => Effect::Refused,
            // Web servers and shops in maintenance say when to come back before they look at anything.
            Class::Unavailable
                if response.status == StatusCode::SERVICE_UNAVAILABLE && error.retry_after.is_some() =>
            {
                Effect::TurnedAway
            }
            Class::Protocol if response.status.is_redirection() || response.status.is_client_error() => {
                Effect::Refused
            }
            Class::Unavailable | Class::Protocol => Effect::Unknown,
        };
        Err(Failed { error, effect })
    }

    fn left_alone(&self, wait: Duration) -> Failed {
        let host = base::Place::of(self.base.url()).host;
        let seconds = wait.as_secs().max(1);
        let error = ConnectorError {
            class: Class::RateLimited,
            message: format!("{host} asked to be left alone for another {seconds} s."),
            retry_after: Some(wait),
        };
        Failed {
            error,
            effect: Effect::TurnedAway,
        }
    }
}

fn refused(error: ConnectorError) -> Failed {
    Failed {
        error,
        effect: Effect::Refused,
    }
}

/// Where an answer sends on to.
fn next(here: &Url, response: &Response) -> Option<Url> {
    let sends_on = matches!(response.status.as_u16(), 301 | 302 | 303 | 307 | 308);
    let to = response.header(header::LOCATION.as_str()).filter(|_| sends_on)?;
    here.join(to).ok()
}

/// Credentials go nowhere but to the host that they are for, and not in the open where they were not before; what changes
/// something is only sent again as it is.
fn may_follow(call: &Request, here: &Url, next: &Url, status: StatusCode) -> bool {
    let usual = |url: &Url| url.port().is_none();
    let same_port = here.port_or_known_default() == next.port_or_known_default();
    let safer = here.scheme() == "http" && next.scheme() == "https" && usual(here) && usual(next);
    let same = here.host_str() == next.host_str() && ((here.scheme() == next.scheme() && same_port) || safer);
    let as_it_is = matches!(
        status,
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT
    );
    // A signature is for one address only.
    same && call.signer.is_none() && (call.method == Method::GET || as_it_is)
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http")
            .field("connection", &self.0.connection)
            .field("base", &self.0.base.as_str())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
