//! What every answer carries, and whom the server answers.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::error::{self, Code};

/// How the server may be reached.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Host names to answer to besides loopback, lowercase, without port. Behind a proxy, its public name.
    pub hosts: Vec<String>,
}

impl Settings {
    pub(crate) fn allowed_hosts(&self) -> Arc<[String]> {
        self.hosts.iter().map(|host| host.to_ascii_lowercase()).collect()
    }
}

/// Our pages: one stylesheet and forms that lead back here.
const POLICY_PAGE: &str = "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// The digest has its style inside and, in a `meta` element, a policy that allows only this style by its hash.
pub(crate) const POLICY_DIGEST: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

const HEADERS: [(HeaderName, &str); 8] = [
    (header::CONTENT_SECURITY_POLICY, POLICY_PAGE),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // Answers may quote people: neither the browser's disk nor a proxy keeps them.
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// Adds the headers above where the handler has not set its own.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let present: &mut HeaderMap = response.headers_mut();
    for (name, value) in HEADERS {
        present.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Answers only to loopback names and to those of the settings.
///
/// A page elsewhere can point its own name at 127.0.0.1 and then read us as its own origin (DNS rebinding); the browser still sends that
/// name as `Host`, which gives it away.
pub(crate) async fn check_host(
    State(allowed): State<Arc<[String]>>,
    request: Request,
    next: Next,
) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = request.uri().authority().map(|authority| authority.as_str());
    let is_allowed =
        host.is_some() && host.into_iter().chain(authority).all(|host| is_allowed(host, &allowed));
    if !is_allowed {
        return error::respond(
            request.uri().path(),
            Code::HostRefused
                .with_hint("用 127.0.0.1 或 localhost 访问，或把主机名写进配置 serve.hosts"),
        );
    }
    next.run(request).await
}

fn is_allowed(host: &str, allowed: &[String]) -> bool {
    let name = without_port(host).to_ascii_lowercase();
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    name == "localhost"
        || address.is_ok_and(|address| address.is_loopback())
        || allowed.contains(&name)
}

/// `[::1]:8080` → `[::1]`, `localhost:8080` → `localhost`.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port))
            if port.bytes().all(|b| b.is_ascii_digit())
                && (name.ends_with(']') || !name.contains(':')) =>
        {
            name
        }
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &str, expected: bool) {
        assert_eq!(is_allowed(host, &["feedback.example.cn".to_owned()]), expected, "{host}");
    }

    #[test]
    fn only_loopback_and_configured_names_are_answered() {
        for host in [
            "localhost",
            "LOCALHOST:8080",
            "127.0.0.1:7788",
            "127.8.8.8",
            "[::1]:7788",
            "[::1]",
            "Feedback.example.cn:443",
        ] {
            check(host, true);
        }
        for host in [
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example:80",
            "10.0.0.7",
            "",
            "0.0.0.0:80",
            "user@localhost",
        ] {
            check(host, false);
        }
    }
}
