//! The last gate before a read leaves the store.

use std::borrow::Borrow;

use super::plan::{Retention, RetentionPlan, Standing};
use crate::model::{ReadMeta, RetentionFault};

/// A read that was kept back, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withheld {
    /// Place of the read among those screened, from 0.
    pub index: u64,
    /// What retention law says of it.
    pub retention: Retention,
}

impl Withheld {
    /// The fault of the dataset's owner: the read is past its cap and still exists. `None` for a read that is only
    /// unsettled.
    #[must_use]
    pub fn fault(&self) -> Option<RetentionFault> {
        match (
            &self.retention.standing,
            self.retention.delete_by,
            &self.retention.rule,
        ) {
            (Standing::Due, Some(delete_by), Some(rule)) => Some(RetentionFault {
                read: u32::try_from(self.index).unwrap_or(u32::MAX),
                delete_by,
                rule: rule.clone(),
            }),
            _ => None,
        }
    }
}

/// Iterator over the reads that may be returned; see [`RetentionPlan::screen`].
#[derive(Debug)]
pub struct Screen<'a, I, F> {
    plan: &'a RetentionPlan<'a>,
    reads: I,
    meta: F,
    index: u64,
    withheld: &'a mut Vec<Withheld>,
}

impl RetentionPlan<'_> {
    /// Lets through the reads that a permitted search may return; the others go, with the reason, to `withheld`.
    ///
    /// ```
    /// use platewarden_policy::model::{AgencyKind, AgencyRef, Dataset, ReadMeta, State, parse_instant};
    /// use platewarden_policy::packs::{PackSet, Unverified};
    /// use platewarden_policy::retention::RetentionPlan;
    /// let packs = PackSet::bundled(Unverified::Allow)?;
    /// let owner = AgencyRef::new("richmond-pd", AgencyKind::Local, State::Va);
    /// let plan = RetentionPlan::new(&packs, &Dataset::new("richmond", owner, State::Va), parse_instant("2026-11-22")?);
    /// let found = vec![("7ABC123", ReadMeta::aged(3)), ("9XYZ987", ReadMeta::aged(25))];
    /// let mut withheld = Vec::new();
    /// let returned: Vec<_> = plan.screen(found, |(_, meta)| meta, &mut withheld).map(|(plate, _)| plate).collect();
    /// assert_eq!(returned, ["7ABC123"]);
    /// assert_eq!(withheld[0].fault().map(|fault| fault.read), Some(1));
    /// # Ok::<(), platewarden_policy::Error>(())
    /// ```
    pub fn screen<'a, T, R, I, F>(
        &'a self,
        reads: I,
        meta: F,
        withheld: &'a mut Vec<Withheld>,
    ) -> Screen<'a, I::IntoIter, F>
    where
        I: IntoIterator<Item = T>,
        F: Fn(&T) -> &R,
        R: Borrow<ReadMeta> + 'a,
    {
        Screen {
            plan: self,
            reads: reads.into_iter(),
            meta,
            index: 0,
            withheld,
        }
    }
}

impl<T, R, I, F> Iterator for Screen<'_, I, F>
where
    I: Iterator<Item = T>,
    F: Fn(&T) -> &R,
    R: Borrow<ReadMeta>,
{
    type Item = T;

    fn next(&mut self) -> Option<T> {
        loop {
            let read = self.reads.next()?;
            let index = self.index;
            self.index += 1;
            let retention = self.plan.of((self.meta)(&read).borrow());
            if retention.may_be_returned() {
                return Some(read);
            }
            self.withheld.push(Withheld { index, retention });
        }
    }
}
