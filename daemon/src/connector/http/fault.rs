//! What went wrong below the platform's own words: names, connections, certificates, answers that break off. Each as a
//! sentence with what, where and what to do.

use super::{base::Place, guard::NotPublic};
use crate::connector::{Class, ConnectorError};
use rustls::CertificateError;
use std::{error::Error as StdError, io};

/// How far a call got that has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reached {
    /// Nothing of it was sent.
    Never,
    /// Nobody knows.
    Perhaps,
}

/// What an error of the connection means for a call to `at`.
pub(super) fn explain(error: &reqwest::Error, at: &Place) -> (Reached, ConnectorError) {
    let host = &at.host;
    let unavailable = |message: String| ConnectorError::new(Class::Unavailable, message);
    if let Some(NotPublic) = cause(error) {
        return (Reached::Never, not_public(at));
    }
    if error.is_builder() {
        let message = format!("{at} is no address that can be called: check `url`.");
        return (Reached::Never, ConnectorError::new(Class::Rejected, message));
    }
    if error.is_dns() {
        let message = format!(
            "No name server knows {host}, or none can be reached: check `url` for a typing mistake, and this machine's network."
        );
        return (Reached::Never, unavailable(message));
    }
    if let Some(fault) = cause(error) {
        return (Reached::Never, unavailable(certificate(fault, at)));
    }
    if error.is_connect() {
        let message = if error.is_timeout() {
            format!(
                "{host} cannot be reached: it did not take the call in time. Check `url`, that the shop runs, and any firewall \
                 between."
            )
        } else {
            match cause::<io::Error>(error).map(io::Error::kind) {
                Some(io::ErrorKind::ConnectionRefused) => {
                    format!(
                        "Nothing answers at {host} (connection refused): check the address and port in `url`, and that the shop runs."
                    )
                }
                _ => format!(
                    "{host} cannot be reached: check `url`, that the shop runs, and this machine's network."
                ),
            }
        };
        return (Reached::Never, unavailable(message));
    }
    if error.is_timeout() {
        let message = format!("{host} took too long to answer at {at}: if it stays, the shop is overloaded.");
        return (Reached::Perhaps, unavailable(message));
    }
    if cause::<hyper::Error>(error).is_some_and(hyper::Error::is_parse) {
        let message = format!(
            "What answers at {host} is no web server, or wants https: check the scheme and port in `url`."
        );
        return (Reached::Perhaps, ConnectorError::new(Class::Protocol, message));
    }
    (Reached::Perhaps, broken_off(at))
}

/// An answer that ended before it was complete.
pub(super) fn broken_off(at: &Place) -> ConnectorError {
    let message = format!(
        "The answer of {at} broke off before it was complete. It is tried again; if it stays, look into the shop's own error log."
    );
    ConnectorError::new(Class::Unavailable, message)
}

/// An answer that is larger than anything a platform should say.
pub(super) fn too_large(at: &Place, most: usize) -> ConnectorError {
    let megabytes = most / (1024 * 1024);
    let message =
        format!("The answer of {at} has more than {megabytes} MB, which is not read: ask for less at once.");
    ConnectorError::new(Class::Protocol, message)
}

/// An address that lies within this machine's own network, which a picture of a shop has no business in.
pub(super) fn not_public(at: &Place) -> ConnectorError {
    let message = format!(
        "{at} is within a private network, and pictures are only fetched from public addresses or the shop itself: put the \
         picture where everybody can see it."
    );
    ConnectorError::new(Class::Rejected, message)
}

fn certificate(fault: &rustls::Error, at: &Place) -> String {
    let host = &at.host;
    match fault {
        rustls::Error::InvalidCertificate(fault) => match fault {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                format!("The certificate of {host} has expired: renew it, or check this machine's clock.")
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                format!("The certificate of {host} is not valid yet: check this machine's clock.")
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => format!(
                "The certificate that {host} shows is for another name: write the shop's exact name into `url`, perhaps with \
                 or without www."
            ),
            CertificateError::UnknownIssuer => format!(
                "The certificate of {host} is from an issuer that this machine does not trust: if it is your own, add it to \
                 this machine's certificates; otherwise let the shop's host mend its chain of certificates."
            ),
            other => format!("The certificate of {host} is not accepted ({other:?}): renew it."),
        },
        rustls::Error::InvalidMessage(_) => {
            format!(
                "What answers at {host} does not speak https: check the port in `url`, or write http:// if it is meant."
            )
        }
        rustls::Error::AlertReceived(alert) => format!(
            "{host} broke off the encrypted connection ({alert:?}): check its name in `url`, and that its web server has a \
             certificate for that name."
        ),
        other => {
            format!("No encrypted connection to {host} came about ({other}): check its web server's https.")
        }
    }
}

/// The first cause of this type, however deep it lies.
fn cause<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        // An I/O error names the source of what it holds, and never that itself.
        let held = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match held {
            Some(held) => Some(held),
            None => error.source(),
        };
    }
    None
}
