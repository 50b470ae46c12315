//! The one way to a row: decide, write the intent down, look, screen, write the release down, hand out.

mod answer;
mod asked;
mod cursor;
mod prepare;
mod run;

pub use answer::{Answer, Row, RowKind};
pub use asked::{Approval, Area, Search, Tolerance};
pub use cursor::Cursor;

use platewarden_policy::permit::{Caps, Permit};
use platewarden_trail::{IntentRecord, Record, ReleaseRecord};

use self::prepare::Prepared;
use self::run::Found;
use crate::denial::Denial;
use crate::store::Store;
use crate::{Error, Result};

impl Store {
    /// Searches the store. This is the only way to rows, counts or existence.
    ///
    /// The search is decided by the policy with the facts that the store has, whatever the request says of datasets and
    /// time; a permitted one is written into the trail and flushed before the first row is looked at, and again, with
    /// count and Merkle root of the rows, before they are handed out.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Denied`](crate::ErrorKind::Denied) with reasons and cures; it says the same whether reads exist or
    /// not. [`ErrorKind::Trail`](crate::ErrorKind::Trail) where a record cannot be written: then no row leaves.
    /// [`ErrorKind::Clock`](crate::ErrorKind::Clock) where time went backwards, and whatever keeps rows from being read.
    pub fn search(&self, search: &Search) -> Result<Answer> {
        let now = self.now()?;
        let prepared = self.prepare(search, now)?;
        let caps = Caps::default().with_max_rows(prepared.limit);
        let (decision, permit) = self
            .issuer
            .decide(&prepared.request, &prepared.digest, caps);
        let mut request = prepared.request.to_record();
        prepared.mask(&mut request, self);
        let mut records: Vec<Record> =
            vec![request.into(), decision.to_record(&prepared.request).into()];
        let Some(permit) = permit else {
            self.trace(records)?;
            return Err(Error::denied(Denial::of(&decision)));
        };
        let intent = self.intent(&prepared, &permit, &decision)?;
        records.push(intent.into());
        self.trace(records)?;
        self.repeats().add(
            prepared.user_pseudonym.clone(),
            prepared.plate_pseudonym.clone(),
            now,
        );
        let permit_id = permit.id();
        match self.run(permit, &prepared) {
            Ok(found) => {
                let disclosure = decision.to_disclosure(&prepared.request, found.rows.len() as u64);
                let release = found.release(&permit_id, &prepared);
                self.trace(vec![disclosure.into(), release.into()])?;
                Ok(Answer {
                    decision,
                    rows: found.rows,
                    next: found.next,
                })
            }
            Err(error) => {
                let failed = ReleaseRecord {
                    permit_id,
                    request_id: prepared.request.id.to_string(),
                    agency_id: prepared.request.actor.agency.id.to_string(),
                    outcome: "failed".to_owned(),
                    ..ReleaseRecord::default()
                };
                self.trace(vec![failed.into()])?;
                Err(error)
            }
        }
    }

    /// Uses the permit up and looks for rows. There is no other call of the code that opens them.
    fn run(&self, permit: Permit, prepared: &Prepared) -> Result<Found> {
        let now = self.now()?;
        let grant = self
            .issuer
            .redeem(permit, &prepared.request, &prepared.digest, now)
            .map_err(|refusal| {
                Error::new(crate::ErrorKind::Clock, refusal.to_string(), "search again")
            })?;
        run::rows(self, grant, prepared, now)
    }

    fn intent(
        &self,
        prepared: &Prepared,
        permit: &Permit,
        decision: &platewarden_policy::model::Decision,
    ) -> Result<IntentRecord> {
        let request = &prepared.request;
        Ok(IntentRecord {
            permit_id: permit.id(),
            request_id: request.id.to_string(),
            agency_id: request.actor.agency.id.to_string(),
            user_pseudonym: prepared.user_pseudonym.clone(),
            plate_pseudonym: prepared.plate_pseudonym.clone(),
            query_sealed: self.identity.auditor.seal(&prepared.description)?,
            binding: permit.binding(),
            access_mode: request.mode.to_string(),
            purpose_code: decision
                .effective_purpose
                .map_or_else(|| "unknown".to_owned(), |purpose| purpose.to_string()),
            datasets: decision.permitted().map(ToString::to_string).collect(),
            max_rows: u64::from(prepared.limit),
        })
    }
}
