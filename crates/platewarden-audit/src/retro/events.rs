//! Event logs: plates put on hotlists are judged, changes of sharing are listed.

use std::io::Read;

use platewarden_policy::model::{AgencyName, Fact};

use crate::Result;
use crate::export::{Column, Event, EventReader, Record, Unparsed};

use super::auditor::Auditor;
use super::report::{FileRow, SharingChange};
use super::sink::FindingSink;

/// Changes of sharing listed; a log of more is a list of its own.
const CHANGES: usize = 10_000;

impl Auditor<'_> {
    /// Audits an event log: every plate put on a hotlist is judged as such, with the reason given there, and every change
    /// of who may search is listed with what its name says of the agency.
    ///
    /// # Errors
    ///
    /// When the file cannot be read any further, or the sink cannot be written.
    pub fn read_events<R: Read>(
        &mut self,
        name: &str,
        events: EventReader<R>,
        sink: &mut dyn FindingSink,
    ) -> Result<()> {
        let mut file = FileRow::named(name);
        let mut read = Ok(());
        for event in events {
            match event {
                Ok(event) => self.event(&mut file, &event, sink)?,
                Err(error) => {
                    file.problem = Some(error.to_string());
                    read = Err(error);
                    break;
                }
            }
        }
        self.add_file(file);
        read
    }

    fn event(
        &mut self,
        file: &mut FileRow,
        event: &Event,
        sink: &mut dyn FindingSink,
    ) -> Result<()> {
        if event.is_sharing_change() {
            let change = change(&file.name, event);
            self.add_change(change, CHANGES);
        }
        if !event.is_hotlist_entry() {
            return Ok(());
        }
        let Some(time) = event.time else {
            let row = Unparsed {
                line: event.line,
                problem: "expected a time of the event".to_owned(),
                cells: vec![
                    event.id.clone(),
                    event.user.clone(),
                    event.entity_type.clone(),
                ],
            };
            return self.take_unparsed(file, &row, sink);
        };
        let detail = |label| event.detail(label).unwrap_or_default();
        let cells = [
            (Column::Id, event.id.as_str()),
            (Column::Name, event.user.as_str()),
            (Column::Plate, detail("License")),
            (Column::Reason, detail("Reason")),
            (Column::Case, detail("Case")),
            (Column::SearchType, "hotlistAdd"),
        ];
        let record = Record::new(event.line, time, &cells);
        let owner = self.owner();
        self.take_record(file, &record, Some(owner), sink)
    }
}

fn change(file: &str, event: &Event) -> SharingChange {
    let cell = event.shared_with().unwrap_or_default();
    let name = AgencyName::parse(cell);
    SharingChange {
        file: file.to_owned(),
        line: event.line,
        time: event.time,
        event: event.event_type.clone(),
        agency: if name.is_nobody() {
            "(not recorded)".to_owned()
        } else {
            name.name().to_owned()
        },
        kind: name.kind().map_or(Fact::Unknown, Fact::Known),
        home: name
            .to_agency()
            .jurisdiction
            .known()
            .map(ToString::to_string),
    }
}
