//! What is trusted: the certificates of this machine, as every other program of it trusts them.

use rustls::{ClientConfig, RootCertStore, crypto::ring};
use std::sync::{Arc, LazyLock};

/// Read once: reading takes longer than a call.
static CONFIG: LazyLock<ClientConfig> = LazyLock::new(|| {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        tracing::error!(
            reason = %found.errors.first().map(ToString::to_string).unwrap_or_default(),
            "This machine trusts no certificates, so no shop can be reached by https; install its package ca-certificates"
        );
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider knows the usual versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config
});

pub(super) fn config() -> ClientConfig {
    CONFIG.clone()
}
