//! Workbooks in the three forms beside XLSX, each written here by the published layout of its format: OpenDocument
//! (ODF 1.2), Excel's binary workbook (MS-XLSB) and the older one (MS-XLS in MS-CFB).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::io::{Cursor, Write};

use platewarden_audit::ErrorKind;
use platewarden_audit::export::{Column, Content, Opened, ReadOptions, Row, open};

/// A cell of a test sheet.
#[derive(Clone, Copy)]
enum Cell {
    Blank,
    Text(&'static str),
    /// A serial day in the format of a date and time.
    Moment(f64),
    Number(f64),
}

use Cell::{Blank, Moment, Number, Text};

/// A title, a blank row, the labels, a search by a serial day, a blank row, a search by a text with a number for a reason.
const SHEET: [&[Cell]; 6] = [
    &[Text("Released by the records office")],
    &[],
    &[Text("Search Time"), Text("Org Name"), Text("Reason")],
    &[
        Moment(46_082.5),
        Text("Aurora IL PD"),
        Text("größere Sache"),
    ],
    &[],
    &[
        Text("3/1/2026 13:27:03 UTC"),
        Text("Aurora IL PD"),
        Number(26_001_234.0),
    ],
];

fn archive(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in members {
        zip.start_file(*name, stored).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// OpenDocument: a table of typed cells; blank rows as one repeated row, as office programs write them.
fn open_document(rows: &[&[Cell]]) -> Vec<u8> {
    let mut table = String::new();
    for row in rows {
        if row.is_empty() {
            table.push_str("<table:table-row table:number-rows-repeated=\"1\"><table:table-cell table:number-columns-repeated=\"3\"/></table:table-row>");
            continue;
        }
        table.push_str("<table:table-row>");
        for cell in *row {
            table.push_str(&match cell {
                Blank => "<table:table-cell/>".to_owned(),
                Text(text) => format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"),
                // OpenDocument keeps the date itself, not a serial day.
                Moment(_) => "<table:table-cell office:value-type=\"date\" office:date-value=\"2026-03-01T12:00:00\"><text:p>03/01/26 12:00</text:p></table:table-cell>".to_owned(),
                Number(value) => format!("<table:table-cell office:value-type=\"float\" office:value=\"{value}\"><text:p>{value}</text:p></table:table-cell>"),
            });
        }
        table.push_str("</table:table-row>");
    }
    let names = "xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"";
    let content = format!(
        "<office:document-content {names}><office:body><office:spreadsheet><table:table table:name=\"Log\">{table}</table:table></office:spreadsheet></office:body></office:document-content>"
    );
    let kind = "application/vnd.oasis.opendocument.spreadsheet";
    let manifest = format!(
        "<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"><manifest:file-entry manifest:full-path=\"/\" manifest:media-type=\"{kind}\"/></manifest:manifest>"
    );
    archive(&[
        ("mimetype", kind.as_bytes().to_vec()),
        ("META-INF/manifest.xml", manifest.into_bytes()),
        ("content.xml", content.into_bytes()),
    ])
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn count(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap()
}

/// XLSB: records of a type and a length in seven bits a byte (MS-XLSB 2.1.4).
fn binary(rows: &[&[Cell]]) -> Vec<u8> {
    fn record(out: &mut Vec<u8>, kind: u16, body: &[u8]) {
        let (low, high) = (kind & 0x7F, kind >> 7);
        if high == 0 && kind < 0x80 {
            out.push(u8::try_from(low).unwrap());
        } else {
            out.push(u8::try_from(low | 0x80).unwrap());
            out.push(u8::try_from(high).unwrap());
        }
        let mut rest = body.len();
        loop {
            let byte = u8::try_from(rest & 0x7F).unwrap();
            rest >>= 7;
            out.push(if rest == 0 { byte } else { byte | 0x80 });
            if rest == 0 {
                break;
            }
        }
        out.extend_from_slice(body);
    }
    fn wide(text: &str) -> Vec<u8> {
        [count(text).to_le_bytes().to_vec(), utf16(text)].concat()
    }
    let mut sheet = Vec::new();
    record(&mut sheet, 0x0081, &[]);
    let last = u32::try_from(rows.len()).unwrap() - 1;
    let bounds: Vec<u8> = [0, last, 0, 2]
        .iter()
        .flat_map(|v| v.to_le_bytes())
        .collect();
    record(&mut sheet, 0x0094, &bounds);
    record(&mut sheet, 0x0091, &[]);
    for (row, cells) in (0_u32..).zip(rows) {
        record(
            &mut sheet,
            0x0000,
            &[&row.to_le_bytes()[..], &[0; 13]].concat(),
        );
        for (column, cell) in (0_u32..).zip(*cells) {
            // The column, then the number of the style in three bytes.
            let head = |style: u32| [column.to_le_bytes(), style.to_le_bytes()].concat();
            match cell {
                Blank => record(&mut sheet, 0x0001, &head(0)),
                Text(text) => record(&mut sheet, 0x0006, &[head(0), wide(text)].concat()),
                Moment(value) => {
                    let body = [head(1), value.to_le_bytes().to_vec()].concat();
                    record(&mut sheet, 0x0005, &body);
                }
                Number(value) => {
                    let body = [head(0), value.to_le_bytes().to_vec()].concat();
                    record(&mut sheet, 0x0005, &body);
                }
            }
        }
    }
    record(&mut sheet, 0x0092, &[]);
    record(&mut sheet, 0x0082, &[]);
    let mut book = Vec::new();
    record(&mut book, 0x0083, &[]);
    record(&mut book, 0x008F, &[]);
    let bundle = [
        &[0; 4][..],
        &1_u32.to_le_bytes(),
        &wide("rId1"),
        &wide("Log"),
    ]
    .concat();
    record(&mut book, 0x009C, &bundle);
    record(&mut book, 0x0090, &[]);
    record(&mut book, 0x0084, &[]);
    let mut styles = Vec::new();
    record(&mut styles, 0x0116, &[]);
    record(&mut styles, 0x0269, &2_u32.to_le_bytes());
    for format in [0_u16, 22] {
        let body = [&[0; 2][..], &format.to_le_bytes(), &[0; 12]].concat();
        record(&mut styles, 0x002F, &body);
    }
    record(&mut styles, 0x026A, &[]);
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relations = format!(
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet1.bin\"/></Relationships>"
    );
    archive(&[
        ("xl/workbook.bin", book),
        ("xl/_rels/workbook.bin.rels", relations.into_bytes()),
        ("xl/styles.bin", styles),
        ("xl/worksheets/sheet1.bin", sheet),
    ])
}

/// XLS: BIFF8 records (MS-XLS 2.1.4) as the one stream of a compound file.
fn older(rows: &[&[Cell]]) -> Vec<u8> {
    fn record(out: &mut Vec<u8>, kind: u16, body: &[u8]) {
        out.extend_from_slice(&kind.to_le_bytes());
        out.extend_from_slice(&u16::try_from(body.len()).unwrap().to_le_bytes());
        out.extend_from_slice(body);
    }
    fn begin(kind: u16) -> Vec<u8> {
        [0x0600_u16.to_le_bytes(), kind.to_le_bytes()]
            .concat()
            .into_iter()
            .chain([0; 12])
            .collect()
    }
    let mut stream = Vec::new();
    record(&mut stream, 0x0809, &begin(0x0005));
    record(&mut stream, 0x0042, &1200_u16.to_le_bytes());
    for format in [0_u16, 22] {
        let body = [&[0; 2][..], &format.to_le_bytes(), &[0; 16]].concat();
        record(&mut stream, 0x00E0, &body);
    }
    // Where the sheet begins is known once this record and the end of the first part are written.
    let start = stream.len() + 4 + 8 + 3 + 4;
    let bound = [
        &u32::try_from(start).unwrap().to_le_bytes()[..],
        &[0, 0, 3, 0],
        b"Log",
    ]
    .concat();
    record(&mut stream, 0x0085, &bound);
    record(&mut stream, 0x000A, &[]);
    assert_eq!(stream.len(), start);
    record(&mut stream, 0x0809, &begin(0x0010));
    for (row, cells) in (0_u16..).zip(rows) {
        for (column, cell) in (0_u16..).zip(*cells) {
            let head = |style: u16| {
                [row.to_le_bytes(), column.to_le_bytes(), style.to_le_bytes()].concat()
            };
            match cell {
                Blank => record(&mut stream, 0x0201, &head(0)),
                Text(text) => {
                    let length = u16::try_from(count(text)).unwrap().to_le_bytes();
                    let body = [head(0), length.to_vec(), vec![1], utf16(text)].concat();
                    record(&mut stream, 0x0204, &body);
                }
                Moment(value) => {
                    let body = [head(1), value.to_le_bytes().to_vec()].concat();
                    record(&mut stream, 0x0203, &body);
                }
                Number(value) => {
                    let body = [head(0), value.to_le_bytes().to_vec()].concat();
                    record(&mut stream, 0x0203, &body);
                }
            }
        }
    }
    record(&mut stream, 0x000A, &[]);
    compound(stream)
}

/// A compound file of version 3 (MS-CFB 2.2): table of sectors, folder, then the stream, which is filled to 4,096 bytes so
/// that it needs no table of small sectors.
fn compound(mut stream: Vec<u8>) -> Vec<u8> {
    const SECTOR: usize = 512;
    const END: u32 = 0xFFFF_FFFE;
    const FREE: u32 = 0xFFFF_FFFF;
    stream.resize(stream.len().max(4_096).next_multiple_of(SECTOR), 0);
    let sectors = u32::try_from(stream.len() / SECTOR).unwrap();
    assert!(sectors <= 126, "one sector of the table names 128");
    let mut head = vec![0_u8; SECTOR];
    let mut put = |at: usize, bytes: &[u8]| head[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
    put(24, &0x3E_u16.to_le_bytes());
    put(26, &3_u16.to_le_bytes());
    put(28, &0xFFFE_u16.to_le_bytes());
    put(30, &9_u16.to_le_bytes());
    put(32, &6_u16.to_le_bytes());
    put(44, &1_u32.to_le_bytes());
    put(48, &1_u32.to_le_bytes());
    put(56, &4_096_u32.to_le_bytes());
    put(60, &END.to_le_bytes());
    put(68, &END.to_le_bytes());
    for entry in 0..109 {
        let value = if entry == 0 { 0 } else { FREE };
        put(76 + 4 * entry, &value.to_le_bytes());
    }
    let mut table = vec![0xFFFF_FFFD_u32, END];
    table.extend((2..sectors + 1).map(|sector| sector + 1));
    table.push(END);
    table.resize(SECTOR / 4, FREE);
    let entry = |name: &str, kind: u8, child: u32, start: u32, length: u32| {
        let mut bytes = vec![0_u8; 128];
        let wide = utf16(name);
        bytes[..wide.len()].copy_from_slice(&wide);
        bytes[64..66].copy_from_slice(&u16::try_from(wide.len() + 2).unwrap().to_le_bytes());
        bytes[66] = kind;
        bytes[67] = 1;
        bytes[68..72].copy_from_slice(&FREE.to_le_bytes());
        bytes[72..76].copy_from_slice(&FREE.to_le_bytes());
        bytes[76..80].copy_from_slice(&child.to_le_bytes());
        bytes[116..120].copy_from_slice(&start.to_le_bytes());
        bytes[120..124].copy_from_slice(&length.to_le_bytes());
        bytes
    };
    let length = u32::try_from(stream.len()).unwrap();
    let mut folder = [
        entry("Root Entry", 5, 1, END, 0),
        entry("Workbook", 2, FREE, 2, length),
    ]
    .concat();
    folder.resize(SECTOR, 0);
    let table: Vec<u8> = table.into_iter().flat_map(u32::to_le_bytes).collect();
    [head, table, folder, stream].concat()
}

fn opened(name: &str, bytes: &[u8]) -> Vec<Opened> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    open(&path, &ReadOptions::default())
}

#[test]
fn open_document_and_both_binary_workbooks_are_read_with_their_dates_and_rows() {
    for (name, bytes) in [
        ("june.ods", open_document(&SHEET)),
        ("june.xlsb", binary(&SHEET)),
        ("june.xls", older(&SHEET)),
        // The content decides, not the name.
        ("misnamed.xlsx", older(&SHEET)),
    ] {
        let [file] =
            <[_; 1]>::try_from(opened(name, &bytes)).unwrap_or_else(|list| panic!("{list:?}"));
        let Ok(Content::Searches(mut reader)) = file.content else {
            panic!("{name}: {:?}", file.content)
        };
        let mut list = Vec::new();
        while let Some(Row::Search(record)) = reader.next_row().unwrap() {
            let reason = record.cell(Column::Reason).unwrap_or_default().to_owned();
            list.push((record.line, record.naive, record.time.to_string(), reason));
        }
        let row = |line, naive, time: &str, reason: &str| {
            (line, naive, time.to_owned(), reason.to_owned())
        };
        assert_eq!(
            list,
            [
                row(4, true, "2026-03-01T12:00:00Z", "größere Sache"),
                row(6, false, "2026-03-01T13:27:03Z", "26001234"),
            ],
            "{name}: the row of the sheet stands for the line"
        );
    }
}

#[test]
fn blank_cells_keep_their_columns() {
    let rows: [&[Cell]; 2] = [
        &[
            Text("Search Time"),
            Text("Case"),
            Text("Org Name"),
            Text("Reason"),
        ],
        &[
            Text("2026-03-01T13:27:03Z"),
            Blank,
            Text("Reno NV PD"),
            Text("theft"),
        ],
    ];
    for (name, bytes) in [
        ("a.ods", open_document(&rows)),
        ("a.xlsb", binary(&rows)),
        ("a.xls", older(&rows)),
    ] {
        let Ok(Content::Searches(mut reader)) = opened(name, &bytes).remove(0).content else {
            panic!("{name}")
        };
        let Some(Row::Search(record)) = reader.next_row().unwrap() else {
            panic!("{name}")
        };
        assert_eq!(record.cell(Column::OrgName), Some("Reno NV PD"), "{name}");
        assert_eq!(record.cell(Column::Reason), Some("theft"), "{name}");
    }
}

#[test]
fn damaged_workbooks_are_errors_that_name_them() {
    for (name, bytes) in [
        ("a.ods", open_document(&SHEET)),
        ("a.xlsb", binary(&SHEET)),
        ("a.xls", older(&SHEET)),
    ] {
        for part in 1..8 {
            let cut = &bytes[..bytes.len() * part / 8];
            for file in opened(name, cut) {
                // A cut in the filling of the last sector loses nothing; a cut anywhere else is an error.
                if let Err(error) = &file.content {
                    assert!(
                        matches!(error.kind(), ErrorKind::Format | ErrorKind::Input),
                        "{name} {part}: {error}"
                    );
                    assert!(file.name.starts_with(name), "{}", file.name);
                } else {
                    assert_eq!(name, "a.xls", "{part}");
                }
            }
        }
    }
}
