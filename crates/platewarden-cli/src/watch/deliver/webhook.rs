//! A server that takes each pass and hit as the body of a POST.

use std::time::Duration;

use ureq::{Agent, http::HeaderName, http::HeaderValue};

use super::{
    queue::Message,
    sender::{Receiver, Undelivered},
};
use crate::failure::{AnyError, UsageError};

/// Longest time of one request.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Names a message, so that a receiver can tell one that comes again.
const ID_HEADER: &str = "idempotency-key";

/// A server.
pub(super) struct Webhook {
    agent: Agent,
    url: String,
    name: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// Told apart from other runs and machines.
    run: String,
}

impl Webhook {
    pub(super) fn new(url: &str, headers: &[String]) -> Result<Self, AnyError> {
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(UsageError(format!(
                "--webhook {url}: expected an address that begins with http:// or https://"
            ))
            .into());
        }
        let headers = headers
            .iter()
            .map(|text| header(text))
            .collect::<Result<_, _>>()?;
        let config = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .build();
        Ok(Self {
            agent: config.into(),
            url: url.to_owned(),
            name: platewarden_video::source::display_name(url),
            headers,
            run: format!("{:x}", std::process::id()),
        })
    }
}

fn header(text: &str) -> Result<(HeaderName, HeaderValue), AnyError> {
    let parts = text.split_once(':').and_then(|(name, value)| {
        let name = HeaderName::try_from(name.trim()).ok()?;
        Some((name, HeaderValue::try_from(value.trim()).ok()?))
    });
    parts.ok_or_else(|| {
        UsageError(format!(
            "--webhook-header {text}: expected it as in 'Authorization: Bearer TOKEN'"
        ))
        .into()
    })
}

impl Receiver for Webhook {
    fn name(&self) -> &str {
        &self.name
    }

    fn deliver(&mut self, message: &Message) -> Result<(), Undelivered> {
        let mut request = self
            .agent
            .post(&self.url)
            .header("content-type", "application/json")
            .header(ID_HEADER, format!("{}-{}", self.run, message.number));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let response = request
            .send(message.body.to_string())
            .map_err(|error| Undelivered::Later(error.to_string()))?;
        let status = response.status();
        if status.is_success() {
            return Ok(());
        }
        let reason = format!("it answers {status}");
        // Time-out, too early, too many: the same request may do later. So may one for which the sign-in has lapsed.
        let may_do_later = !status.is_client_error()
            || matches!(status.as_u16(), 401 | 403 | 404 | 408 | 425 | 429);
        Err(if may_do_later {
            Undelivered::Later(reason)
        } else {
            Undelivered::Refused(reason)
        })
    }
}
