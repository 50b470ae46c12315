//! The steps, each written to the audit trail before it takes effect.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;

use platewarden_policy::model::Agency;
use platewarden_trail::{AuditSink, CommunityRecord, Digest};

use super::agency::{Proof, VerifiedAgency, refused};
use super::code::Codes;
use super::consent::{Consent, Given, Transferred, Withdrawn};
use super::evidence::{EvidenceSystem, FileSource};
use super::form::RequestForm;
use super::hash::sha256;
use super::manifest::{ConsentRecord, Manifest, SealedManifest, check_name};
use super::notice::{Invitation, Resident, ShownNotice};
use super::request::{
    Closed, CommunityRequest, Draft, Moderation, Particulars, Published, Rejected, UnderModeration,
};
use crate::Error;

/// A step that was not taken: the state as it was, and why.
#[derive(Debug)]
pub struct StepRefused<T> {
    /// The state, unchanged.
    pub unchanged: T,
    /// Why.
    pub error: Error,
}

impl<T> fmt::Display for StepRefused<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<T: fmt::Debug> std::error::Error for StepRefused<T> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

impl<T> From<Box<StepRefused<T>>> for Error {
    fn from(refused_step: Box<StepRefused<T>>) -> Self {
        refused_step.error
    }
}

type Step<T, N> = Result<N, Box<StepRefused<T>>>;

fn refused_step<T, N>(unchanged: T, error: Error) -> Step<T, N> {
    Err(Box::new(StepRefused { unchanged, error }))
}

/// Where requests are handled: the codes given out, the audit trail, and the steps.
///
/// ```
/// use platewarden_community::{RequestService, Proof};
/// use platewarden_policy::model::{Agency, AgencyKind, FederalComponent, State, parse_instant};
/// use platewarden_trail::{MemoryStore, TrailOptions, TrailWriter};
/// let trail = TrailWriter::open(MemoryStore::default(), TrailOptions::default())?;
/// let mut service = RequestService::new(trail, [7; 32]);
/// let proof = Proof { verified_by: "onboarding".into(), evidence_account: "evidence-17".into() };
/// let at = parse_instant("2026-11-22")?;
///
/// assert!(service.verify(&Agency::new("springfield-pd", AgencyKind::Local, State::Il), &proof, at).is_ok());
/// let refused = service.verify(&Agency::federal("hsi-chicago", FederalComponent::Hsi), &proof, at).unwrap_err();
/// assert!(refused.to_string().contains("federal agencies cannot post"));
/// # Ok::<(), platewarden_community::Error>(())
/// ```
#[derive(Debug)]
pub struct RequestService<T> {
    trail: T,
    codes: Codes,
    pseudonym_key: [u8; 32],
}

impl<T: AuditSink> RequestService<T> {
    /// A service that has given out no code yet. The key makes residents' pseudonyms; keep it secret, and the same from
    /// run to run, or one resident's steps in the trail fall apart.
    #[must_use]
    pub fn new(trail: T, pseudonym_key: [u8; 32]) -> Self {
        Self {
            trail,
            codes: Codes::default(),
            pseudonym_key,
        }
    }

    /// A service that knows the codes given out before.
    #[must_use]
    pub fn with_codes(mut self, codes: Codes) -> Self {
        self.codes = codes;
        self
    }

    /// The codes given out, to be kept from run to run.
    #[must_use]
    pub fn codes(&self) -> &Codes {
        &self.codes
    }

    /// The audit trail.
    pub fn trail(&mut self) -> &mut T {
        &mut self.trail
    }

    /// Finds an agency fit to post. A refusal is written to the audit trail too.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) for federal agencies, for any but local and state ones, for one that is not in good standing,
    /// that nobody has verified, or of which a fact is unknown; or whatever keeps the step from being written.
    pub fn verify(
        &mut self,
        agency: &Agency,
        proof: &Proof,
        at: Timestamp,
    ) -> Result<VerifiedAgency, Error> {
        let record = |step: &str| CommunityRecord {
            step: step.to_owned(),
            agency_id: agency.id.to_string(),
            actor: proof.verified_by.clone(),
            ..CommunityRecord::default()
        };
        let verified = match VerifiedAgency::new(agency, proof, at) {
            Ok(verified) => verified,
            Err(error) => return Err(self.note_refusal(record("agency_refused"), error, at)?),
        };
        self.trail.record(record("agency_verified").into(), at)?;
        Ok(verified)
    }

    /// Drafts a request. A refusal is written to the audit trail too.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) with the first rule that the form breaks, or whatever keeps the step from being written.
    pub fn draft(
        &mut self,
        agency: &VerifiedAgency,
        form: RequestForm,
        by: &str,
        at: Timestamp,
    ) -> Result<CommunityRequest<Draft>, Error> {
        let agency = agency.agency().clone();
        if let Err(error) = form.check(&agency, at) {
            let record = CommunityRecord {
                step: "request_refused".to_owned(),
                agency_id: agency.id.to_string(),
                actor: by.to_owned(),
                case_number: Some(form.case_number.clone()),
                ..CommunityRecord::default()
            };
            return Err(self.note_refusal(record, error, at)?);
        }
        let code = self.codes.next()?;
        let particulars = Particulars {
            code,
            agency,
            form,
            drafted_at: at,
        };
        let mut details = vec![
            ("window_start", particulars.form.window.start.to_string()),
            ("window_end", particulars.form.window.end.to_string()),
            ("area", particulars.form.area.name().to_owned()),
            ("purpose", particulars.form.purpose.to_string()),
        ];
        details.extend(
            particulars
                .form
                .on_behalf_of
                .iter()
                .map(|agency| ("on_behalf_of", agency.id.to_string())),
        );
        let recipients: Vec<String> = particulars
            .form
            .recipients()
            .iter()
            .map(|agency| agency.id.to_string())
            .collect();
        details.push(("transfer_intended_to", recipients.join(", ")));
        if let Err(error) = self.note(&particulars, "drafted", by, at, details) {
            self.codes.release(&particulars.code);
            return Err(error);
        }
        Ok(CommunityRequest {
            particulars,
            stage: Draft {
                drafted_by: by.to_owned(),
            },
        })
    }

    /// Submits a draft for moderation.
    ///
    /// # Errors
    ///
    /// Whatever keeps the step from being written, with the draft unchanged.
    pub fn submit(
        &mut self,
        request: CommunityRequest<Draft>,
        by: &str,
        at: Timestamp,
    ) -> Step<CommunityRequest<Draft>, CommunityRequest<UnderModeration>> {
        let flags = request.form().flags();
        if let Err(error) = self.note(
            &request.particulars,
            "submitted",
            by,
            at,
            vec![("flags", flags.join("; "))],
        ) {
            return refused_step(request, error);
        }
        Ok(request.at_stage(UnderModeration {
            submitted_by: by.to_owned(),
            submitted_at: at,
            flags,
        }))
    }

    /// Publishes a request that a moderator has let through.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) where the moderator is nobody or the one who submitted it, has not acknowledged its flags, or
    /// the time to answer is over; or whatever keeps the step from being written. The request is unchanged.
    pub fn publish(
        &mut self,
        request: CommunityRequest<UnderModeration>,
        moderation: Moderation,
        at: Timestamp,
    ) -> Step<CommunityRequest<UnderModeration>, CommunityRequest<Published>> {
        let moderator = moderation.moderator.trim();
        let refusal = if moderator.is_empty() || moderator == request.stage.submitted_by.trim() {
            Some((
                "community-moderation",
                "the moderator is nobody, or the one who submitted the request",
                "let somebody else moderate",
            ))
        } else if !request.stage.flags.is_empty() && !moderation.flags_acknowledged {
            Some((
                "community-moderation",
                "the request has flags that the moderator has not acknowledged",
                "look at each and acknowledge them, or reject the request",
            ))
        } else if request.form().responses_until <= at {
            Some((
                "community-deadline",
                "the time to answer is over",
                "draft it anew",
            ))
        } else {
            None
        };
        if let Some((rule, why, remedy)) = refusal {
            return refused_step(request, refused(rule, why.to_owned(), remedy));
        }
        if let Err(error) = self.note(&request.particulars, "published", moderator, at, vec![]) {
            return refused_step(request, error);
        }
        let stage = Published {
            moderator: moderator.to_owned(),
            published_at: at,
        };
        Ok(request.at_stage(stage))
    }

    /// Rejects a request.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) where moderator or reason are missing, or whatever keeps the step from being written. The
    /// request is unchanged.
    pub fn reject(
        &mut self,
        request: CommunityRequest<UnderModeration>,
        moderator: &str,
        reason: &str,
        at: Timestamp,
    ) -> Step<CommunityRequest<UnderModeration>, CommunityRequest<Rejected>> {
        if moderator.trim().is_empty() || reason.trim().is_empty() {
            return refused_step(
                request,
                refused(
                    "community-moderation",
                    "moderator or reason are missing".to_owned(),
                    "state both",
                ),
            );
        }
        if let Err(error) = self.note(
            &request.particulars,
            "rejected",
            moderator,
            at,
            vec![("reason", reason.to_owned())],
        ) {
            return refused_step(request, error);
        }
        let stage = Rejected {
            moderator: moderator.to_owned(),
            rejected_at: at,
            reason: reason.to_owned(),
        };
        Ok(request.at_stage(stage))
    }

    /// Closes a request: no resident is asked any more, and nothing more is handed over.
    ///
    /// # Errors
    ///
    /// Whatever keeps the step from being written, with the request unchanged.
    pub fn close(
        &mut self,
        request: CommunityRequest<Published>,
        by: &str,
        at: Timestamp,
    ) -> Step<CommunityRequest<Published>, CommunityRequest<Closed>> {
        if let Err(error) = self.note(&request.particulars, "closed", by, at, vec![]) {
            return refused_step(request, error);
        }
        Ok(request.at_stage(Closed {
            closed_by: by.to_owned(),
            closed_at: at,
        }))
    }

    /// Lays a published request before a resident. Nothing is written: whether somebody was asked and did not answer is
    /// nobody's business.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) where the resident's camera is not in the area.
    pub fn invite(
        &self,
        request: &CommunityRequest<Published>,
        resident: Resident,
    ) -> Result<Invitation, Error> {
        if !request.form().area.contains(resident.location) {
            return Err(refused(
                "community-area",
                "the camera is not in the area of the request".to_owned(),
                "ask residents of the area only",
            ));
        }
        let mut hasher = blake3::Hasher::new_keyed(&self.pseudonym_key);
        hasher
            .update(request.code().as_str().as_bytes())
            .update(&[0])
            .update(resident.account.as_bytes());
        let digest = hex::encode(hasher.finalize().as_bytes());
        let pseudonym = format!("resident-{}", digest.get(..16).unwrap_or_default());
        Ok(Invitation {
            particulars: request.particulars.clone(),
            resident,
            pseudonym,
        })
    }

    /// Takes a resident's consent to exactly the notice that was shown: `acknowledged` is the digest that came back
    /// with the resident's answer.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) where the answer is to another notice or another request or too late, or a recording is not
    /// within the window, or none is chosen; or whatever keeps the step from being written. The notice is unchanged.
    pub fn consent(
        &mut self,
        request: &CommunityRequest<Published>,
        shown: ShownNotice,
        acknowledged: Digest,
        at: Timestamp,
    ) -> Step<ShownNotice, Consent<Given>> {
        if let Err(error) = check_consent(request, &shown, acknowledged, at) {
            return refused_step(shown, error);
        }
        let document = shown.notice.sha256;
        let details = vec![("recordings", shown.recordings.len().to_string())];
        let resident = shown.invitation.pseudonym.clone();
        if let Err(error) = self.note_resident(
            &request.particulars,
            "consented",
            &resident,
            Some(document),
            at,
            details,
        ) {
            return refused_step(shown, error);
        }
        let ShownNotice {
            invitation,
            recordings,
            notice,
            shown_at,
        } = shown;
        let record = ConsentRecord {
            resident,
            address: invitation.resident.address,
            email: invitation.resident.email,
            notice_shown_at: shown_at,
            notice_sha256: notice.sha256,
            given_at: at,
        };
        Ok(Consent {
            particulars: invitation.particulars,
            record,
            notice,
            recordings,
            stage: Given {},
        })
    }

    /// Withdraws a consent that has not been carried out.
    ///
    /// # Errors
    ///
    /// Whatever keeps the step from being written, with the consent unchanged.
    pub fn withdraw(
        &mut self,
        consent: Consent<Given>,
        at: Timestamp,
    ) -> Step<Consent<Given>, Consent<Withdrawn>> {
        let resident = consent.record.resident.clone();
        if let Err(error) = self.note_resident(
            &consent.particulars,
            "withdrawn",
            &resident,
            None,
            at,
            vec![],
        ) {
            return refused_step(consent, error);
        }
        Ok(consent.at_stage(Withdrawn { withdrawn_at: at }))
    }

    /// Hands the recordings over: seals the manifest, writes its digest to the trail, and gives everything to the
    /// evidence system. From here on there is no way back.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) where the consent is to another request; [`ErrorKind::Signature`](crate::ErrorKind::Signature) where a recording is not the
    /// one that was consented to; or whatever keeps the evidence system from receiving or the trail from being written.
    /// The consent is unchanged and can still be withdrawn; giving the same manifest again is safe.
    pub fn transfer(
        &mut self,
        request: &CommunityRequest<Published>,
        consent: Consent<Given>,
        evidence: &mut impl EvidenceSystem,
        files: &mut dyn FileSource,
        at: Timestamp,
    ) -> Step<Consent<Given>, Consent<Transferred>> {
        match self.hand_over(request, &consent, evidence, files, at) {
            Ok(stage) => Ok(consent.at_stage(stage)),
            Err(error) => refused_step(consent, error),
        }
    }

    fn hand_over(
        &mut self,
        request: &CommunityRequest<Published>,
        consent: &Consent<Given>,
        evidence: &mut impl EvidenceSystem,
        files: &mut dyn FileSource,
        at: Timestamp,
    ) -> Result<Transferred, Error> {
        if consent.particulars != request.particulars {
            return Err(refused(
                "community-consent",
                "the consent is to another request".to_owned(),
                "ask the resident about this one",
            ));
        }
        if sha256(consent.notice.text.as_bytes()) != consent.record.notice_sha256 {
            return Err(refused(
                "community-consent",
                "the notice is not the one that was consented to".to_owned(),
                "ask the resident again",
            ));
        }
        let manifest = SealedManifest::seal(Manifest {
            version: 1,
            investigation_code: request.code().clone(),
            case_number: request.form().case_number.clone(),
            receiving_agency: request.agency().clone(),
            named_recipients: request.form().recipients().to_vec(),
            window: request.form().window,
            files: consent.recordings.clone(),
            consent: consent.record.clone(),
            notice_text: consent.notice.text.clone(),
            sealed_at: at,
        })?;
        let resident = &consent.record.resident;
        let document = Some(manifest.sha256());
        let details = vec![("evidence_system", evidence.name().to_owned())];
        self.note_resident(
            &request.particulars,
            "transfer_started",
            resident,
            document,
            at,
            details,
        )?;
        let receipt = match evidence.receive(&manifest, files) {
            Ok(receipt) => receipt,
            Err(error) => {
                let details = vec![("why", error.to_string())];
                self.note_resident(
                    &request.particulars,
                    "transfer_failed",
                    resident,
                    document,
                    at,
                    details,
                )?;
                return Err(error);
            }
        };
        let details = vec![
            ("evidence_id", receipt.evidence_id.clone()),
            ("recipient", request.agency().id.to_string()),
        ];
        self.note_resident(
            &request.particulars,
            "transferred",
            resident,
            document,
            at,
            details,
        )?;
        Ok(Transferred {
            transferred_at: at,
            manifest_sha256: manifest.sha256(),
            evidence_id: receipt.evidence_id,
        })
    }

    fn note(
        &mut self,
        particulars: &Particulars,
        step: &str,
        actor: &str,
        at: Timestamp,
        details: Vec<(&str, String)>,
    ) -> Result<(), Error> {
        self.write(particulars, step, actor, None, None, at, details)
    }

    fn note_resident(
        &mut self,
        particulars: &Particulars,
        step: &str,
        resident: &str,
        document: Option<Digest>,
        at: Timestamp,
        details: Vec<(&str, String)>,
    ) -> Result<(), Error> {
        self.write(
            particulars,
            step,
            resident,
            Some(resident),
            document,
            at,
            details,
        )
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "the fields of one record, given in one place"
    )]
    fn write(
        &mut self,
        particulars: &Particulars,
        step: &str,
        actor: &str,
        resident: Option<&str>,
        document: Option<Digest>,
        at: Timestamp,
        details: Vec<(&str, String)>,
    ) -> Result<(), Error> {
        let details: BTreeMap<String, String> = details
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let record = CommunityRecord {
            investigation_code: particulars.code.to_string(),
            step: step.to_owned(),
            agency_id: particulars.agency.id.to_string(),
            actor: actor.to_owned(),
            resident: resident.map(str::to_owned),
            case_number: Some(particulars.form.case_number.clone()),
            document_sha256: document,
            details,
        };
        self.trail.record(record.into(), at)?;
        Ok(())
    }

    /// Writes a refusal down and hands it back; an error only where it cannot be written.
    fn note_refusal(
        &mut self,
        mut record: CommunityRecord,
        refusal: Error,
        at: Timestamp,
    ) -> Result<Error, Error> {
        if let Some(rule) = refusal.rule() {
            record.details.insert("rule".to_owned(), rule.to_owned());
            record
                .details
                .insert("why".to_owned(), refusal.why().to_owned());
        }
        self.trail.record(record.into(), at)?;
        Ok(refusal)
    }
}

fn check_consent(
    request: &CommunityRequest<Published>,
    shown: &ShownNotice,
    acknowledged: Digest,
    at: Timestamp,
) -> Result<(), Error> {
    let refuse =
        |why: &str, remedy: &str| Err(refused("community-consent", why.to_owned(), remedy));
    if shown.invitation.particulars != request.particulars {
        return refuse(
            "the notice is of another request",
            "show the notice of this one",
        );
    }
    if acknowledged != shown.notice.sha256 {
        return refuse(
            "the answer is to another notice",
            "show the notice again and take the answer to it",
        );
    }
    if at < shown.shown_at {
        return refuse(
            "the answer came before the notice was shown",
            "check the clock",
        );
    }
    if at > request.form().responses_until {
        return refuse(
            "the time to answer is over",
            "nothing can be shared any more",
        );
    }
    if shown.recordings.is_empty() {
        return refuse(
            "no recording is chosen",
            "choose one, or leave the request unanswered",
        );
    }
    let mut names = BTreeSet::new();
    for recording in &shown.recordings {
        check_name(&recording.name)?;
        // Some disks take names that differ in case for one.
        if !names.insert(recording.name.to_lowercase()) {
            return refuse(
                &format!("two recordings are named `{}`", recording.name),
                "rename one",
            );
        }
        let window = request.form().window;
        if recording.captured_from < window.start
            || recording.captured_to > window.end
            || recording.captured_from > recording.captured_to
        {
            return refuse(
                &format!(
                    "the recording `{}` is not within the window asked about",
                    recording.name
                ),
                "cut it to the window",
            );
        }
    }
    Ok(())
}
