//! The same states as data, for storage and for steps that come from outside.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use platewarden_trail::AuditSink;

use super::consent::{Consent, Given, Transferred, Withdrawn};
use super::request::{
    Closed, CommunityRequest, Draft, Moderation, Published, Rejected, UnderModeration,
};
use super::service::{RequestService, StepRefused};
use crate::Error;

/// A request at whatever stage it is.
///
/// ```no_run
/// use platewarden_community::{RequestService, RequestStep, StoredRequest};
/// # use platewarden_trail::{MemoryStore, TrailWriter};
/// # fn load() -> String { String::new() }
/// # fn run(service: &mut RequestService<TrailWriter<MemoryStore>>, at: jiff::Timestamp) -> Result<(), Box<dyn std::error::Error>> {
/// let request: StoredRequest = serde_json::from_str(&load())?;
/// let request = request.apply(service, RequestStep::Submit { by: "det-4".into() }, at).map_err(|refusal| refusal.error)?;
/// assert_eq!(request.stage(), "under_moderation");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", content = "request", rename_all = "snake_case")]
pub enum StoredRequest {
    /// Written, not yet submitted.
    Draft(CommunityRequest<Draft>),
    /// Submitted.
    UnderModeration(CommunityRequest<UnderModeration>),
    /// Before residents.
    Published(CommunityRequest<Published>),
    /// Not let through.
    Rejected(CommunityRequest<Rejected>),
    /// No longer before residents.
    Closed(CommunityRequest<Closed>),
}

/// A step of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
pub enum RequestStep {
    /// Submit a draft.
    Submit {
        /// Who does.
        by: String,
    },
    /// Let it through.
    Publish {
        /// The release.
        moderation: Moderation,
    },
    /// Do not let it through.
    Reject {
        /// Who decides.
        moderator: String,
        /// Why.
        reason: String,
    },
    /// End it.
    Close {
        /// Who does.
        by: String,
    },
}

impl RequestStep {
    fn name(&self) -> &'static str {
        match self {
            Self::Submit { .. } => "submit the request",
            Self::Publish { .. } => "publish the request",
            Self::Reject { .. } => "reject the request",
            Self::Close { .. } => "close the request",
        }
    }
}

impl StoredRequest {
    /// Name of the stage, as in JSON.
    #[must_use]
    pub fn stage(&self) -> &'static str {
        match self {
            Self::Draft(_) => "draft",
            Self::UnderModeration(_) => "under_moderation",
            Self::Published(_) => "published",
            Self::Rejected(_) => "rejected",
            Self::Closed(_) => "closed",
        }
    }

    /// Takes a step.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::State`](crate::ErrorKind::State) where the stage does not allow the step, or the error of the step itself; the request is
    /// unchanged.
    pub fn apply<T: AuditSink>(
        self,
        service: &mut RequestService<T>,
        step: RequestStep,
        at: Timestamp,
    ) -> Result<Self, Box<StepRefused<Self>>> {
        match (self, step) {
            (Self::Draft(request), RequestStep::Submit { by }) => back(
                service.submit(request, &by, at),
                Self::Draft,
                Self::UnderModeration,
            ),
            (Self::UnderModeration(request), RequestStep::Publish { moderation }) => back(
                service.publish(request, moderation, at),
                Self::UnderModeration,
                Self::Published,
            ),
            (Self::UnderModeration(request), RequestStep::Reject { moderator, reason }) => back(
                service.reject(request, &moderator, &reason, at),
                Self::UnderModeration,
                Self::Rejected,
            ),
            (Self::Published(request), RequestStep::Close { by }) => back(
                service.close(request, &by, at),
                Self::Published,
                Self::Closed,
            ),
            (unchanged, step) => {
                let error = out_of_order(
                    step.name(),
                    unchanged.stage(),
                    "the order is: submit, publish or reject, close",
                );
                Err(Box::new(StepRefused { unchanged, error }))
            }
        }
    }

    /// The request, where it is before residents.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::State`](crate::ErrorKind::State) at any other stage.
    pub fn published(&self) -> Result<&CommunityRequest<Published>, Error> {
        match self {
            Self::Published(request) => Ok(request),
            other => Err(out_of_order(
                "ask residents",
                other.stage(),
                "publish the request first; a closed one is over",
            )),
        }
    }
}

/// A consent at whatever stage it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", content = "consent", rename_all = "snake_case")]
pub enum StoredConsent {
    /// Given, not yet carried out.
    Given(Consent<Given>),
    /// Withdrawn.
    Withdrawn(Consent<Withdrawn>),
    /// Handed over.
    Transferred(Consent<Transferred>),
}

impl StoredConsent {
    /// Name of the stage, as in JSON.
    #[must_use]
    pub fn stage(&self) -> &'static str {
        match self {
            Self::Given(_) => "given",
            Self::Withdrawn(_) => "withdrawn",
            Self::Transferred(_) => "transferred",
        }
    }

    /// Withdraws the consent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::State`](crate::ErrorKind::State) where it is withdrawn already or has been carried out, or the error of the step itself; the
    /// consent is unchanged.
    pub fn withdraw<T: AuditSink>(
        self,
        service: &mut RequestService<T>,
        at: Timestamp,
    ) -> Result<Self, Box<StepRefused<Self>>> {
        match self {
            Self::Given(consent) => {
                back(service.withdraw(consent, at), Self::Given, Self::Withdrawn)
            }
            unchanged => {
                let error = out_of_order(
                    "withdraw the consent",
                    unchanged.stage(),
                    "what was handed over stays with the agency, under the law that the notice cites",
                );
                Err(Box::new(StepRefused { unchanged, error }))
            }
        }
    }

    /// The consent, where it can be carried out.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::State`](crate::ErrorKind::State) at any other stage, with the consent lost to nobody: it is handed back in the box.
    pub fn given(self) -> Result<Consent<Given>, Box<StepRefused<Self>>> {
        match self {
            Self::Given(consent) => Ok(consent),
            unchanged => {
                let error = out_of_order(
                    "hand the recordings over",
                    unchanged.stage(),
                    "only a consent that was given and not withdrawn is carried out, once",
                );
                Err(Box::new(StepRefused { unchanged, error }))
            }
        }
    }
}

fn back<F, T, S>(
    step: Result<T, Box<StepRefused<F>>>,
    stay: impl FnOnce(F) -> S,
    go: impl FnOnce(T) -> S,
) -> Result<S, Box<StepRefused<S>>> {
    step.map(go).map_err(|refusal| {
        let StepRefused { unchanged, error } = *refusal;
        Box::new(StepRefused {
            unchanged: stay(unchanged),
            error,
        })
    })
}

fn out_of_order(action: &'static str, state: &str, remedy: &str) -> Error {
    let state = format!("it is {}", state.replace('_', " "));
    Error::state(action, &state, remedy)
}
