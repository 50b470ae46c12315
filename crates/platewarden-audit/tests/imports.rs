//! Files as people send them: every form of text, workbooks, archives, labels that nobody knows.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::io::{Cursor, Read, Write};
use std::path::PathBuf;

use jiff::tz::TimeZone;
use platewarden_audit::ErrorKind;
use platewarden_audit::export::{
    Column, ColumnMap, Content, Event, ReadOptions, Reader, Row, SyntheticLog, open,
};

/// Time, agency and reason of every row.
fn rows<R: Read>(mut reader: Reader<R>) -> Vec<(String, String, String)> {
    let mut list = Vec::new();
    while let Some(row) = reader.next_row().unwrap() {
        let Row::Search(record) = row else {
            panic!("every row is a search: {row:?}")
        };
        let text = |column| record.cell(column).unwrap_or_default().to_owned();
        list.push((
            record.time.to_string(),
            text(Column::OrgName),
            text(Column::Reason),
        ));
    }
    list
}

fn read(file: &str) -> Vec<(String, String, String)> {
    rows(Reader::new(file.as_bytes()).unwrap())
}

fn one(time: &str, agency: &str, reason: &str) -> Vec<(String, String, String)> {
    vec![(time.to_owned(), agency.to_owned(), reason.to_owned())]
}

#[test]
fn delimiters_and_encodings_are_found_out() {
    let file =
        "Search Time,Org Name,Reason\n\"03/01/2026, 01:27:03 PM UTC\",Aurora IL PD,burglary\n";
    let wanted = one("2026-03-01T13:27:03Z", "Aurora IL PD", "burglary");
    assert_eq!(read(file), wanted);
    let cells = |delimiter: &str| {
        format!(
            "Search Time{delimiter}Org Name{delimiter}Reason\n2026-03-01T13:27:03Z{delimiter}Aurora IL PD{delimiter}burglary\n"
        )
    };
    for delimiter in [";", "\t", "|", ","] {
        assert_eq!(read(&cells(delimiter)), wanted, "{delimiter:?}");
    }
    for bytes in [
        file.encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<u8>>(),
        format!("\u{feff}{file}")
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect(),
        format!("\u{feff}{file}")
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect(),
    ] {
        assert_eq!(rows(Reader::new(bytes.as_slice()).unwrap()), wanted);
    }
}

#[test]
fn a_title_above_and_the_vendors_activity_log_are_read() {
    let file = "Springfield Police Department\nReleased under the records act\n\n\
                Activity Date,User Name,Agency Name,License Plate,State,Reason\n\
                \"Mar 1, 2026, 7:27:03 AM CST\",J. Doe,Aurora IL PD,ABC123,IL,burglary\n";
    let reader = Reader::new(file.as_bytes()).unwrap();
    assert_eq!(
        reader.header().unknown(),
        ["State"],
        "what is ignored is named"
    );
    assert_eq!(
        rows(reader),
        one("2026-03-01T13:27:03Z", "Aurora IL PD", "burglary")
    );
}

#[test]
fn columns_of_one_meaning_are_joined() {
    let file = "Search Time,Org Name,Reason,Offense Type,Case #,CAD Number\n\
                2026-03-01T13:27:03Z,Aurora IL PD,ICE detainer,Burglary/Breaking & Entering,,26-1\n\
                2026-03-01T13:28:03Z,Aurora IL PD,Burglary - smashed window,Burglary,A,B\n\
                2026-03-01T13:29:03Z,Aurora IL PD,,Drugs/Narcotics,,\n\
                2026-03-01T13:30:03Z,Aurora IL PD,***,***,,\n\
                2026-03-01T13:31:03Z,Aurora IL PD,theft,THEFT,x,X\n";
    let reader = Reader::new(file.as_bytes()).unwrap();
    assert_eq!(
        reader.header().joined(),
        [
            "Reason: Offense Type + Reason",
            "Case #: Case # + CAD Number"
        ]
    );
    let reasons: Vec<String> = rows(reader)
        .into_iter()
        .map(|(.., reason)| reason)
        .collect();
    assert_eq!(
        reasons,
        [
            "Burglary/Breaking & Entering - ICE detainer",
            "Burglary - smashed window",
            "Drugs/Narcotics",
            "***",
            "THEFT",
        ]
    );
}

#[test]
fn a_file_without_labels_is_known_by_its_content() {
    let mut log = Vec::new();
    SyntheticLog::new(5).rows(60).write(&mut log).unwrap();
    let text = String::from_utf8(log).unwrap();
    let with: Vec<_> = {
        let mut reader = Reader::new(text.as_bytes()).unwrap();
        let mut list = Vec::new();
        while let Some(row) = reader.next_row().unwrap() {
            if let Row::Search(record) = row {
                list.push((
                    record.time,
                    record.cell(Column::Reason).unwrap_or_default().to_owned(),
                ));
            }
        }
        list
    };
    let (_, without) = text.split_once('\n').unwrap();
    let mut reader = Reader::new(without.as_bytes()).unwrap();
    assert!(reader.header().is_inferred());
    let mut list = Vec::new();
    while let Some(row) = reader.next_row().unwrap() {
        if let Row::Search(record) = row {
            list.push((
                record.time,
                record.cell(Column::Reason).unwrap_or_default().to_owned(),
            ));
        }
    }
    assert_eq!(list, with);
    // Mapped by number, any order will do.
    let mut options = ReadOptions::default();
    options.columns = ColumnMap::parse(["reason=1", "time=2", "agency=3"]).unwrap();
    let file = "burglary,2026-03-01 13:27:03Z,Aurora IL PD\n";
    let reader = Reader::with_options(file.as_bytes(), &options).unwrap();
    assert_eq!(
        rows(reader),
        one("2026-03-01T13:27:03Z", "Aurora IL PD", "burglary")
    );
}

#[test]
fn unknown_labels_are_answered_with_how_to_map_them() {
    let file = "When Run,Agncy Name,Why\n2026-03-01T13:27:03Z,Aurora IL PD,burglary\n";
    let error = Reader::new(file.as_bytes()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Format);
    let text = error.to_string();
    for part in [
        "`When Run`",
        "`Why`",
        "near `agency name`",
        "--column agency=\"Agncy Name\"",
        "--column time=",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let mut options = ReadOptions::default();
    options.columns =
        ColumnMap::parse(["time=\"When Run\"", "agency=Agncy Name", "reason=3"]).unwrap();
    let reader = Reader::with_options(file.as_bytes(), &options).unwrap();
    assert_eq!(
        rows(reader),
        one("2026-03-01T13:27:03Z", "Aurora IL PD", "burglary")
    );
    for wrong in ["reason", "raeson=3", "reason="] {
        assert_eq!(
            ColumnMap::parse([wrong]).unwrap_err().kind(),
            ErrorKind::Options
        );
    }
}

#[test]
fn a_naive_time_is_told_and_follows_the_zone() {
    let file = "Search Time,Reason\n3/1/2026 13:27,burglary\n3/1/2026 13:27 UTC,burglary\n";
    let mut options = ReadOptions::default();
    options.zone = Some(TimeZone::get("America/Chicago").unwrap());
    let mut reader = Reader::with_options(file.as_bytes(), &options).unwrap();
    let mut times = Vec::new();
    while let Some(Row::Search(record)) = reader.next_row().unwrap() {
        times.push((record.naive, record.time.to_string()));
    }
    assert_eq!(
        times,
        [
            (true, "2026-03-01T19:27:00Z".to_owned()),
            (false, "2026-03-01T13:27:00Z".to_owned())
        ]
    );
}

/// A workbook with one sheet: texts as they are, `=` before a number for a cell in the format of a date and time.
fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    let mut data = String::new();
    for (row, cells) in rows
        .iter()
        .enumerate()
        .filter(|(_, cells)| !cells.is_empty())
    {
        data.push_str(&format!("<row r=\"{}\">", row + 1));
        for (column, cell) in cells
            .iter()
            .enumerate()
            .filter(|(_, cell)| !cell.is_empty())
        {
            let place = format!(
                "{}{}",
                char::from(b'A' + u8::try_from(column).unwrap()),
                row + 1
            );
            match cell.strip_prefix('=') {
                Some(number) => {
                    data.push_str(&format!("<c r=\"{place}\" s=\"1\"><v>{number}</v></c>"))
                }
                None => data.push_str(&format!(
                    "<c r=\"{place}\" t=\"inlineStr\"><is><t>{cell}</t></is></c>"
                )),
            }
        }
        data.push_str("</row>");
    }
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relations = "http://schemas.openxmlformats.org/package/2006/relationships";
    let types = "http://schemas.openxmlformats.org/package/2006/content-types";
    let sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    let parts = [
        (
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"{types}\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"{sheet}.sheet.main+xml\"/><Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"{sheet}.worksheet+xml\"/><Override PartName=\"/xl/styles.xml\" ContentType=\"{sheet}.styles+xml\"/></Types>"
            ),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{relations}\"><Relationship Id=\"r1\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"Log\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{relations}\"><Relationship Id=\"r1\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" Type=\"{office}/styles\" Target=\"styles.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/styles.xml",
            format!(
                "<styleSheet xmlns=\"{main}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"22\"/></cellXfs></styleSheet>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet xmlns=\"{main}\"><sheetData>{data}</sheetData></worksheet>"),
        ),
    ];
    archive(&parts.map(|(name, text)| (name, text.into_bytes())))
}

fn archive(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn saved(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

const LOG: &str = "Search Time,Org Name,Reason\n2026-03-01T13:27:03Z,Aurora IL PD,burglary\n";

#[test]
fn workbooks_are_read_with_their_dates_and_rows() {
    let folder = tempfile::tempdir().unwrap();
    let book = workbook(&[
        &["Released by the records office"],
        &[],
        &["Search Time", "Org Name", "Reason"],
        // 2026-03-01 12:00 as a serial day; a text; a number that is no date.
        &["=46082.5", "Aurora IL PD", "burglary"],
        &[],
        &["3/1/2026 13:27:03 UTC", "Aurora IL PD", "26001234"],
    ]);
    let opened = open(&saved(&folder, "june.xlsx", &book), &ReadOptions::default());
    let [file] = <[_; 1]>::try_from(opened).unwrap_or_else(|list| panic!("{list:?}"));
    assert_eq!(file.name, "june.xlsx");
    let Ok(Content::Searches(mut reader)) = file.content else {
        panic!("{:?}", file.content)
    };
    let mut list = Vec::new();
    while let Some(Row::Search(record)) = reader.next_row().unwrap() {
        let reason = record.cell(Column::Reason).unwrap_or_default().to_owned();
        list.push((record.line, record.naive, record.time.to_string(), reason));
    }
    assert_eq!(
        list,
        [
            (
                4,
                true,
                "2026-03-01T12:00:00Z".to_owned(),
                "burglary".to_owned()
            ),
            (
                6,
                false,
                "2026-03-01T13:27:03Z".to_owned(),
                "26001234".to_owned()
            ),
        ],
        "the row of the sheet stands for the line"
    );
}

#[test]
fn archives_are_opened_and_a_bad_member_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let inner = archive(&[("deep.csv", LOG.as_bytes().to_vec())]);
    let book = workbook(&[
        &["Search Time", "Org Name", "Reason"],
        &["=46082.5", "Reno NV PD", "theft"],
    ]);
    let zip = archive(&[
        ("june/aurora.csv", LOG.as_bytes().to_vec()),
        ("june/reno.xlsx", book),
        ("june/notes.txt", b"nothing of use".to_vec()),
        ("june/inner.zip", inner),
        ("__MACOSX/june/._aurora.csv", b"x".to_vec()),
    ]);
    let opened = open(&saved(&folder, "june.zip", &zip), &ReadOptions::default());
    let names: Vec<(&str, bool)> = opened
        .iter()
        .map(|o| (o.name.as_str(), o.content.is_ok()))
        .collect();
    assert_eq!(
        names,
        [
            ("june.zip/june/aurora.csv", true),
            ("june.zip/june/reno.xlsx", true),
            ("june.zip/june/notes.txt", false),
            ("june.zip/june/inner.zip", false),
        ]
    );
    // Damaged archives and files that are not there are errors of their own.
    let opened = open(
        &saved(&folder, "cut.zip", &zip[..zip.len() / 2]),
        &ReadOptions::default(),
    );
    assert!(opened.iter().all(|o| o.content.is_err()) && !opened.is_empty());
    let opened = open(&folder.path().join("absent.csv"), &ReadOptions::default());
    assert_eq!(
        opened[0].content.as_ref().unwrap_err().kind(),
        ErrorKind::Input
    );
}

#[test]
fn event_logs_and_sharing_lists_are_told_from_logs_of_searches() {
    let folder = tempfile::tempdir().unwrap();
    let events = "Event Id;Timestamp;User;Event Type;Entity Type;Entity Details\n\
                  1;2026-01-05T13:27:03Z;chief;create;networkShare;\"Organization: Houston TX PD\nScope: all\"\n\
                  2;2026-01-06T13:27:03Z;chief;create;Custom Hotlist Entry;\"License: ABC123\nReason: ICE detainer\"\n";
    let opened = open(
        &saved(&folder, "events.csv", events.as_bytes()),
        &ReadOptions::default(),
    );
    let Ok(Content::Events(reader)) = opened.into_iter().next().unwrap().content else {
        panic!("an event log")
    };
    let events: Vec<Event> = reader.map(|event| event.unwrap()).collect();
    assert_eq!(events[0].shared_with(), Some("Houston TX PD"));
    assert!(events[1].is_hotlist_entry());
    let list = "Organization Name\tNetworks Shared With Me\tNetworks I'm Sharing\n\
                Houston TX PD\tHouston TX PD\tSpringfield IL PD\nReno NV PD\tReno NV PD\t\n";
    let opened = open(
        &saved(&folder, "sharing.tsv", list.as_bytes()),
        &ReadOptions::default(),
    );
    let Ok(Content::Sharing(reader)) = opened.into_iter().next().unwrap().content else {
        panic!("a sharing list")
    };
    let let_in: Vec<bool> = reader.map(|row| row.unwrap().is_let_in()).collect();
    assert_eq!(let_in, [true, false]);
}

#[test]
fn no_bytes_make_a_reader_panic() {
    for bytes in [
        &b""[..],
        b"\xff\xfe",
        b"\xff\xfeI\0",
        b"\0\0\0\0\0\0\0\0\0",
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"Search Time,Reason\n\"broken",
        b"Search Time,Reason\n\xff\xff\xff,\xfe\n",
    ] {
        if let Ok(mut reader) = Reader::new(bytes) {
            while reader.next_row().unwrap().is_some() {}
        }
        let folder = tempfile::tempdir().unwrap();
        let opened = open(&saved(&folder, "bytes", bytes), &ReadOptions::default());
        assert!(!opened.is_empty());
    }
}
