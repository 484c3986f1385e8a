//! Which addresses pictures may come from: a shop's data names them, and must not make this program call what only this
//! machine can reach.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{
    collections::BTreeSet,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

/// Looks names up, and leaves out every address that is not public. What the connection's own host is at counts as public:
/// who connected a shop within their own network meant it.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    pub(super) own: Option<String>,
}

/// A name that only has addresses in private networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is within a private network")]
pub(super) struct NotPublic;

impl Guard {
    /// The addresses of a name, or of an address as text, that may be called.
    pub(super) async fn look_up(&self, host: &str) -> io::Result<Result<Vec<IpAddr>, NotPublic>> {
        let found = addresses(host).await?;
        let mut allowed: Vec<IpAddr> = found.iter().copied().filter(|at| is_public(*at)).collect();
        if allowed.len() < found.len()
            && let Some(own) = &self.own
        {
            // A name that is not known any more allows nothing.
            let own: BTreeSet<IpAddr> = addresses(own).await.unwrap_or_default().into_iter().collect();
            allowed = found
                .into_iter()
                .filter(|at| is_public(*at) || own.contains(at))
                .collect();
        }
        Ok(if allowed.is_empty() {
            Err(NotPublic)
        } else {
            Ok(allowed)
        })
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let allowed = guard.look_up(name.as_str()).await??;
            let sockets = allowed.into_iter().map(|at| SocketAddr::new(at, 0));
            Ok(Box::new(sockets) as Addrs)
        })
    }
}

async fn addresses(host: &str) -> io::Result<Vec<IpAddr>> {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(at) = host.parse() {
        return Ok(vec![at]);
    }
    Ok(tokio::net::lookup_host((host, 0))
        .await?
        .map(|at| at.ip())
        .collect())
}

/// Whether everybody sees the same machine at this address.
pub(super) fn is_public(at: IpAddr) -> bool {
    match at {
        IpAddr::V4(at) => is_public_v4(at),
        IpAddr::V6(at) => is_public_v6(at),
    }
}

/// By IANA's registry of special-purpose addresses.
fn is_public_v4(at: Ipv4Addr) -> bool {
    let [a, b, c, _] = at.octets();
    let special = at.is_private()
        || at.is_loopback()
        || at.is_link_local()
        || at.is_multicast()
        || at.is_broadcast()
        || at.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b));
    !special
}

fn is_public_v6(at: Ipv6Addr) -> bool {
    let parts = at.segments();
    if let Some(inner) = embedded_v4(at) {
        return is_public_v4(inner);
    }
    // 2000::/3 is all that is given out; documentation and such lie within it.
    let given_out = parts[0] & 0xe000 == 0x2000;
    let special = matches!(parts, [0x2001, 0..=0x01ff | 0x0db8, ..] | [0x3fff, ..]);
    given_out && !special
}

/// An IPv4 address that is reached through this one: mapped, compatible, 6to4 or NAT64.
fn embedded_v4(at: Ipv6Addr) -> Option<Ipv4Addr> {
    let parts = at.segments();
    let join = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match parts {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(join(high, low))
        }
        [0x2002, high, low, ..] => Some(join(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_everybody_can_reach_are_public() {
        for public in [
            "8.8.8.8",
            "93.184.216.34",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "2606:4700::1111",
            "2a00:1450:4001::1",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.0.1",
            "198.18.0.1",
            "203.0.113.9",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::7f00:1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2002:c0a8:1::",
            "2001:db8::1",
            "2001::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "ff02::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
    }

    #[tokio::test]
    async fn a_name_within_this_machine_is_only_allowed_where_the_shop_itself_is_there() {
        let check = async |own: Option<&str>, host: &str, allowed: bool| {
            let guard = Guard {
                own: own.map(str::to_owned),
            };
            let found = guard.look_up(host).await.unwrap();
            assert_eq!(found.is_ok(), allowed, "{host} beside {own:?}: {found:?}");
        };
        check(None, "localhost", false).await;
        check(None, "127.0.0.1", false).await;
        check(None, "[::1]", false).await;
        check(Some("127.0.0.1"), "localhost", true).await;
        check(Some("127.0.0.1"), "127.0.0.1", true).await;
        check(Some("127.0.0.1"), "127.0.0.2", false).await;
        check(Some("127.0.0.1"), "10.0.0.1", false).await;
        check(None, "8.8.8.8", true).await;
    }
}
