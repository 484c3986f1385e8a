//! Calls of the Admin API: logged in, in the right channel and language.

use super::{
    super::{
        Class, ConnectorError, Context,
        http::{Failure, Http, Request, Response},
    },
    errors::{Outcome, verdict},
    settings::{Credentials, Settings},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::sync::Mutex;

/// Calls one shop.
pub(super) struct Client {
    http: Http,
    credentials: Credentials,
    /// As it is written in the settings: a code or a token.
    channel: Option<String>,
    language: Option<String>,
    session: Mutex<Option<Session>>,
}

/// What a login gave.
#[derive(Clone, Debug)]
pub(super) struct Session {
    token: String,
    /// Those that the administrator may work in, where that is known.
    pub channels: Vec<Allowed>,
}

/// A channel that an administrator may work in, and what he may do there.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Allowed {
    pub code: String,
    pub token: String,
    pub permissions: Vec<String>,
}

/// An operation with a name for what it is like in how long it takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation<'a> {
    pub name: &'static str,
    pub text: &'a str,
}

#[derive(Deserialize)]
struct Envelope<T> {
    data: Option<T>,
}

/// Below the Admin API's limit of 100 KB for one call, with room for the operation itself.
pub(super) const LARGEST_CALL: usize = 80_000;

#[derive(Deserialize)]
struct LoggedIn {
    login: Login,
}

#[derive(Deserialize)]
struct Login {
    #[serde(default)]
    channels: Vec<Allowed>,
    #[serde(flatten)]
    outcome: Outcome,
}

const PATH: &str = "admin-api";

/// The code of the channel that calls are about which name none.
const DEFAULT_CHANNEL: &str = "__default_channel__";

impl Client {
    pub(super) fn new(settings: &Settings, context: &Context) -> Result<Self, ConnectorError> {
        Ok(Self {
            http: Http::new(settings.base()?, context, verdict)?,
            credentials: settings.credentials()?,
            channel: settings.channel.clone().filter(|channel| !channel.is_empty()),
            language: settings.language.clone().filter(|language| !language.is_empty()),
            session: Mutex::new(None),
        })
    }

    pub(super) fn http(&self) -> &Http {
        &self.http
    }

    pub(super) fn channel(&self) -> Option<&str> {
        self.channel.as_deref()
    }

    pub(super) fn language(&self) -> Option<&str> {
        self.language.as_deref()
    }

    /// Asks for something; nothing is changed by it.
    pub(super) async fn read<T: DeserializeOwned>(
        &self,
        operation: Operation<'_>,
        variables: Value,
    ) -> Result<T, ConnectorError> {
        let call = call(operation, &variables);
        let (first, used) = self.dressed(call.clone()).await?;
        let answer = match self.http.read(first).await {
            Err(error) if error.class == Class::Auth && self.renew(used).await? => {
                self.http.read(self.dressed(call).await?.0).await
            }
            answer => answer,
        };
        data(&answer?)
    }

    /// Changes something, once.
    pub(super) async fn write<T: DeserializeOwned>(
        &self,
        operation: Operation<'_>,
        variables: Value,
    ) -> Result<T, Failure> {
        self.write_call(call(operation, &variables)).await
    }

    /// Likewise, by a call that is no JSON.
    pub(super) async fn write_call<T: DeserializeOwned>(&self, call: Request) -> Result<T, Failure> {
        let (first, used) = self.dressed(call.clone()).await.map_err(Failure::Refused)?;
        let answer = match self.http.write(first).await {
            // Nothing is done for who is not known.
            Err(Failure::Refused(error)) if error.class == Class::Auth => {
                if self.renew(used).await.map_err(Failure::Refused)? {
                    self.http
                        .write(self.dressed(call).await.map_err(Failure::Refused)?.0)
                        .await
                } else {
                    Err(Failure::Refused(error))
                }
            }
            answer => answer,
        };
        data(&answer?).map_err(Failure::Unclear)
    }

    /// Who we are there; logs in where that was not done yet.
    pub(super) async fn session(&self) -> Result<Session, ConnectorError> {
        let Credentials::Password { username, password } = &self.credentials else {
            return Ok(Session {
                token: String::new(),
                channels: Vec::new(),
            });
        };
        let mut session = self.session.lock().await;
        if let Some(session) = &*session {
            return Ok(session.clone());
        }
        let new = self.log_in(username, password).await?;
        *session = Some(new.clone());
        Ok(new)
    }

    async fn log_in(&self, username: &str, password: &str) -> Result<Session, ConnectorError> {
        let login = call(LOGIN, &json!({ "username": username, "password": password }));
        let response = self.http.read(login.secret(password)).await?;
        let LoggedIn {
            login: Login { channels, outcome },
        } = data(&response)?;
        if let Some(error) = outcome.error() {
            let message = match error.class {
                Class::Auth => {
                    "Vendure does not accept this administrator: check `username` and `password` in this connection's settings."
                        .to_owned()
                }
                _ => error.message,
            };
            return Err(ConnectorError::new(Class::Auth, message));
        }
        let token = response.header("vendure-auth-token").ok_or_else(|| {
            ConnectorError::new(
                Class::Auth,
                "Vendure gives out no tokens: add \"bearer\" to `authOptions.tokenMethod` in its configuration.",
            )
        })?;
        Ok(Session {
            token: token.to_owned(),
            channels,
        })
    }

    /// Logs in again, to see what may be done now.
    pub(super) async fn anew(&self) -> Result<Session, ConnectorError> {
        *self.session.lock().await = None;
        self.session().await
    }

    /// Forgets the session that a call was refused with, if nobody did so yet. Whether a new one may help.
    async fn renew(&self, used: String) -> Result<bool, ConnectorError> {
        if matches!(self.credentials, Credentials::Key(_)) {
            return Ok(false);
        }
        let mut session = self.session.lock().await;
        if session.as_ref().is_some_and(|session| session.token == used) {
            *session = None;
        }
        drop(session);
        Ok(self.session().await?.token != used)
    }

    /// The call with who we are and where; and the token that it has.
    async fn dressed(&self, call: Request) -> Result<(Request, String), ConnectorError> {
        let session = self.session().await?;
        let call = match &self.credentials {
            Credentials::Key(key) => call.secret_header("vendure-api-key", key),
            Credentials::Password { .. } => call.bearer(&session.token),
        };
        let call = match &self.channel {
            Some(channel) => call.header("vendure-token", session.token_of(channel)),
            None => call,
        };
        let call = match &self.language {
            Some(language) => call.query("languageCode", language),
            None => call,
        };
        Ok((call, session.token))
    }
}

/// The permissions that are needed: one of each row, of which the first is the one that is asked for.
const NEEDED: &[&[&str]] = &[
    &["ReadCatalog", "ReadProduct"],
    &["ReadCatalog", "ReadFacet"],
    &["CreateCatalog", "CreateProduct"],
    &["CreateCatalog", "CreateAsset"],
    &["CreateCatalog", "CreateFacet"],
    &["UpdateCatalog", "UpdateProduct"],
    &["UpdateCatalog", "UpdateFacet"],
    &["ReadStockLocation"],
    &["ReadOrder"],
    &["UpdateOrder"],
];

impl Session {
    /// The permissions that the administrator has not in a channel, by their names in Vendure. `None`: that is not known.
    pub(super) fn lacks(&self, channel: Option<&str>) -> Option<Vec<&'static str>> {
        let is_it = |known: &&Allowed| match channel {
            Some(channel) => known.code == channel || known.token == channel,
            None => known.code == DEFAULT_CHANNEL,
        };
        let allowed = self.channels.iter().find(is_it)?;
        let has = |name: &str| {
            allowed
                .permissions
                .iter()
                .any(|known| known == name || known == "SuperAdmin")
        };
        let lacking = NEEDED.iter().filter(|row| !row.iter().any(|name| has(name)));
        let mut names: Vec<&'static str> = lacking.map(|row| row[0]).collect();
        names.dedup();
        Some(names)
    }

    /// The token of a channel that the settings name by its code or token.
    pub(super) fn token_of<'a>(&'a self, channel: &'a str) -> &'a str {
        let named = self.channels.iter().find(|known| known.code == channel);
        named.map_or(channel, |known| &known.token)
    }
}

fn call(operation: Operation<'_>, variables: &Value) -> Request {
    let Operation { name, text } = operation;
    Request::post(PATH)
        .kind(name)
        .json(&json!({ "query": text, "variables": variables }))
}

/// A call with files: the GraphQL multipart request, whose parts are `operations`, `map` and one a file.
pub(super) fn upload(operation: Operation<'_>, variables: &Value, files: &[File<'_>]) -> Request {
    let boundary = format!("click2sync-{:032x}", fastrand::u128(..));
    let Operation { name, text } = operation;
    let map: serde_json::Map<String, Value> = files
        .iter()
        .enumerate()
        .map(|(at, file)| (at.to_string(), json!([file.variable])))
        .collect();
    let mut body = Vec::new();
    let mut field = |head: &str, bytes: &[u8]| {
        body.extend_from_slice(
            format!("--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    };
    let operations = json!({ "query": text, "variables": variables }).to_string();
    field("name=\"operations\"", operations.as_bytes());
    field("name=\"map\"", Value::from(map).to_string().as_bytes());
    for (at, file) in files.iter().enumerate() {
        let File {
            name, mime, bytes, ..
        } = file;
        field(
            &format!("name=\"{at}\"; filename=\"{name}\"\r\nContent-Type: {mime}"),
            bytes,
        );
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Request::post(PATH)
        .kind(name)
        .header("apollo-require-preflight", "1")
        .body(&format!("multipart/form-data; boundary={boundary}"), body)
}

/// A file of an upload.
#[derive(Debug)]
pub(super) struct File<'a> {
    /// Where it stands in the variables: `variables.input.0.file`.
    pub variable: String,
    pub name: String,
    pub mime: &'static str,
    pub bytes: &'a [u8],
}

fn data<T: DeserializeOwned>(response: &Response) -> Result<T, ConnectorError> {
    let Envelope { data } = response.json::<Envelope<T>>()?;
    data.ok_or_else(|| {
        ConnectorError::new(
            Class::Protocol,
            "Vendure answered neither data nor an error: check `url`.",
        )
    })
}

const LOGIN: Operation<'static> = Operation {
    name: "login",
    text: "mutation ($username: String!, $password: String!) {
  login(username: $username, password: $password) {
    ... on CurrentUser { channels { code token permissions } }
    ... on ErrorResult { errorCode message }
  }
}",
};
