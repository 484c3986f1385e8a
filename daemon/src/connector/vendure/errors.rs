//! What Vendure's refusals mean: by their codes, since their words are in the language of whoever asks.

use super::super::{
    Class, ConnectorError,
    http::{Failure, Response},
};
use serde::Deserialize;
use serde_json::Value;

/// Errors of a whole call. Most come under status 200.
#[derive(Debug, Deserialize)]
struct Answer {
    #[serde(default)]
    errors: Vec<Fault>,
}

#[derive(Debug, Deserialize)]
struct Fault {
    #[serde(default)]
    message: String,
    #[serde(default)]
    path: Vec<Value>,
    #[serde(default)]
    extensions: Extensions,
}

#[derive(Debug, Default, Deserialize)]
struct Extensions {
    #[serde(default)]
    code: String,
}

/// What is answered where the body was none, or larger than the server's limit.
#[derive(Debug, Deserialize)]
struct Turned {
    message: String,
}

/// What an answer means beyond its status.
pub(super) fn verdict(response: &Response) -> Option<ConnectorError> {
    meaning(response.status.as_u16(), &response.body)
}

pub(super) fn meaning(status: u16, body: &[u8]) -> Option<ConnectorError> {
    if let Ok(Answer { errors }) = serde_json::from_slice::<Answer>(body)
        && let Some(first) = errors.into_iter().next()
    {
        return Some(first.meaning());
    }
    let turned: Option<Turned> = serde_json::from_slice(body).ok();
    match (status, turned.as_ref().map(|turned| turned.message.as_str())) {
        // Its parser of bodies says no more than this when one is larger than it takes, 100 KB unless set otherwise.
        (500, Some("")) => Some(ConnectorError::new(
            Class::Rejected,
            "Vendure takes no more than it is set to at once, 100 KB as it comes: shorten the description, or raise the limit \
             of its `apiOptions.middleware`.",
        )),
        (404, _) => Some(ConnectorError::new(
            Class::Protocol,
            "There is a server at this address, and no Admin API of Vendure: check `url`.",
        )),
        _ => None,
    }
}

impl Fault {
    fn meaning(self) -> ConnectorError {
        let Self {
            message,
            path,
            extensions: Extensions { code },
        } = self;
        let what = path.first().and_then(Value::as_str).unwrap_or("this");
        match code.as_str() {
            FORBIDDEN => ConnectorError::new(
                Class::Auth,
                format!(
                    "Vendure does not allow `{what}`: give the administrator's role the permission for it."
                ),
            ),
            "ENTITY_NOT_FOUND" => ConnectorError::new(Class::Missing, format!("Vendure says: {message}.")),
            "GRAPHQL_VALIDATION_FAILED" | "GRAPHQL_PARSE_FAILED" => ConnectorError::new(
                Class::Protocol,
                format!(
                    "This Vendure has another Admin API than version 3 ({message}): update Vendure or this program."
                ),
            ),
            // Also what a database refused; it took everything back.
            "" | "INTERNAL_SERVER_ERROR" => ConnectorError::new(
                Class::Rejected,
                format!("Vendure could not do `{what}` ({message}): look into its own log."),
            ),
            _ => ConnectorError::new(Class::Rejected, format!("Vendure says: {message}.")),
        }
    }
}

const FORBIDDEN: &str = "FORBIDDEN";

/// A result that may be one of Vendure's error results, which come as data.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Outcome {
    pub id: Option<String>,
    pub error_code: Option<String>,
    pub message: Option<String>,
    /// Why a change of state was refused, where that is what was refused.
    pub transition_error: Option<String>,
}

impl Outcome {
    /// The error that this is, if it is one.
    pub(super) fn error(&self) -> Option<ConnectorError> {
        let code = self.error_code.as_ref()?;
        let said = self.transition_error.as_ref().or(self.message.as_ref());
        let words = said.filter(|words| !words.is_empty()).unwrap_or(code);
        let class = match code.as_str() {
            "INVALID_CREDENTIALS_ERROR" | "NOT_VERIFIED_ERROR" | "NATIVE_AUTH_STRATEGY_ERROR" => Class::Auth,
            _ => Class::Rejected,
        };
        Some(ConnectorError::new(class, format!("Vendure says: {words}.")))
    }
}

/// What failed, where it does not matter whether it was done.
pub(super) fn either(failure: Failure) -> ConnectorError {
    match failure {
        Failure::Refused(error) | Failure::Unclear(error) => error,
    }
}
