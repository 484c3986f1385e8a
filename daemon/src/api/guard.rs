//! Who may ask, and by which names: against DNS rebinding, cross-site requests and strangers.

use super::{App, refusal::Refusal, session};
use crate::{config::watch::ConfigHandle, server::Arrival};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, header, uri::Authority},
    middleware::Next,
    response::Response,
};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

/// The token, as what others can be compared with. Comparing takes the same time wherever two differ.
#[derive(Clone)]
pub struct Token(Hmac<Sha256>);

impl Token {
    /// What has to be shown at present. `None`: everybody who reaches the daemon may ask.
    pub fn in_force(config: &ConfigHandle) -> Option<Self> {
        let config = config.config.borrow();
        config.token.as_ref().map(|secret| Self::new(secret.expose()))
    }

    pub fn new(secret: &str) -> Self {
        let mut mac =
            <Hmac<Sha256> as Mac>::new_from_slice(secret.as_bytes()).expect("a key of any length will do");
        mac.update(b"click2sync session");
        Self(mac)
    }

    /// What a session's cookie holds. Nobody can tell the token by it, and another token makes it worthless.
    pub fn seal(&self) -> [u8; 32] {
        self.0.clone().finalize().into_bytes().into()
    }

    pub fn is(&self, secret: &str) -> bool {
        self.has_seal(&Self::new(secret).seal())
    }

    pub fn has_seal(&self, seal: &[u8]) -> bool {
        self.0.clone().verify_slice(seal).is_ok()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// Headers of every answer that does not bring its own: only the console's page may load anything, and nobody may
/// show us in a frame.
pub(super) const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// Lets requests through that name us and that no other site's page has made.
pub(super) async fn admit(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let Some(Arrival(local)) = request.extensions().get().copied() else {
        return Err(Refusal::broken("a request did not come through the server"));
    };
    let config = app.config.config.borrow().clone();
    check_host(&config.hosts, local, &request)?;
    if !request.method().is_safe() {
        check_site(&config.hosts, local, request.headers())?;
    }
    Ok(next.run(request).await)
}

/// Lets requests through that have the token, or a session that was begun with it.
pub(super) async fn authenticate(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let may = match Token::in_force(&app.config) {
        None => true,
        Some(token) => {
            bearer(request.headers()).is_some_and(|secret| token.is(secret))
                || session::seal(request.headers()).is_some_and(|seal| token.has_seal(&seal))
        }
    };
    if !may {
        return Err(Refusal::Token);
    }
    Ok(next.run(request).await)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, secret) = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(secret.trim())
}

fn check_host(hosts: &[String], local: SocketAddr, request: &Request) -> Result<(), Refusal> {
    let mut named = request.headers().get_all(header::HOST).iter();
    let host = match (request.uri().authority(), named.next(), named.next()) {
        (Some(host), _, _) => host.as_str(),
        (None, Some(host), None) => host.to_str().unwrap_or_default(),
        (None, _, _) => "",
    };
    if is_ours(hosts, local, host, 80) {
        Ok(())
    } else {
        Err(Refusal::Host {
            host: host.to_owned(),
        })
    }
}

fn check_site(hosts: &[String], local: SocketAddr, headers: &HeaderMap) -> Result<(), Refusal> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let site = text(HeaderName::from_static("sec-fetch-site"));
    if site.is_some_and(|site| site != "same-origin" && site != "none") {
        return Err(Refusal::CrossSite);
    }
    let Some(origin) = text(header::ORIGIN) else {
        return Ok(());
    };
    let ours = match origin.split_once("://") {
        Some(("http", host)) => is_ours(hosts, local, host, 80),
        Some(("https", host)) => is_ours(hosts, local, host, 443),
        Some(_) | None => false,
    };
    if ours { Ok(()) } else { Err(Refusal::CrossSite) }
}

/// Whether `text` (`host` or `host:port`) is a name of this daemon, asked at `local`.
fn is_ours(hosts: &[String], local: SocketAddr, text: &str, default_port: u16) -> bool {
    if text.contains('@') {
        return false;
    }
    let Ok(authority) = text.parse::<Authority>() else {
        return false;
    };
    let host = authority.host();
    let configured = hosts
        .iter()
        .any(|ours| ours.eq_ignore_ascii_case(host) || ours.eq_ignore_ascii_case(text));
    if configured {
        return true;
    }
    let port = match text.strip_prefix(host) {
        Some("") => Some(default_port),
        Some(_) | None => authority.port_u16(),
    };
    if port != Some(local.port()) {
        return false;
    }
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    match address {
        Ok(address) => address.is_loopback() || address == local.ip().to_canonical(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_are_ours() {
        let hosts = ["nas.local".to_owned(), "shop.example:8080".to_owned()];
        let check = |local: &str, host: &str, wanted: bool| {
            let ours = is_ours(&hosts, local.parse().unwrap(), host, 80);
            assert_eq!(ours, wanted, "{host} at {local}");
        };
        let loopback = "127.0.0.1:7325";
        for host in ["localhost:7325", "LOCALHOST:7325", "127.0.0.1:7325", "[::1]:7325"] {
            check(loopback, host, true);
        }
        for host in [
            "nas.local",
            "NAS.local:443",
            "nas.local:7325",
            "shop.example:8080",
        ] {
            check(loopback, host, true);
        }
        for host in [
            "",
            "localhost",
            "localhost:",
            "localhost:7326",
            "evil.example:7325",
            "localhost.evil.example:7325",
            "nas.local.evil.example",
            "shop.example",
            "evil@localhost:7325",
            "192.168.1.5:7325",
            "0.0.0.0:7325",
            "localhost:7325:7325",
            "[::1:7325",
            "localhost:99999",
        ] {
            check(loopback, host, false);
        }
        check("192.168.1.5:7325", "192.168.1.5:7325", true);
        check("[::ffff:192.168.1.5]:7325", "192.168.1.5:7325", true);
        check("[fe80::1]:7325", "[fe80::1]:7325", true);
        check("192.168.1.5:7325", "192.168.1.6:7325", false);
        check("127.0.0.1:80", "localhost", true);
    }

    #[test]
    fn only_the_token_itself_is_the_token() {
        let token = Token::new("a long secret");
        assert!(token.is("a long secret"));
        for other in ["", "a long secre", "a long secret ", "A long secret"] {
            assert!(
                !token.is(other) && !token.has_seal(&Token::new(other).seal()),
                "{other:?}"
            );
        }
        assert!(token.has_seal(&token.seal()) && !token.has_seal(&[]) && !token.has_seal(&[0; 32]));
        assert!(!format!("{token:?}").contains("secret"));
    }
}
