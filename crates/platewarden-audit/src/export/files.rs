//! Files as people send them: text, workbooks, archives of either.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use crate::{Error, ErrorKind, Result};

use super::sniff::{Form, sniff};
use super::table::Unread;
use super::{EventReader, ReadOptions, Reader, SharingReader, sheet};

/// What a file holds.
#[derive(Debug)]
pub enum Content {
    /// A log of searches.
    Searches(Reader<File>),
    /// An event log.
    Events(EventReader<File>),
    /// A list of who shares with whom.
    Sharing(SharingReader<File>),
}

/// One table: a file, a sheet of a workbook, a member of an archive.
#[derive(Debug)]
pub struct Opened {
    /// The file's name; for a member or a sheet behind it, as in `june.zip/aurora.xlsx[Sheet1]`.
    pub name: String,
    /// What it holds, or why it cannot be read: one bad file is named, and the others go on.
    pub content: Result<Content>,
    /// Bytes of the text, for showing how far the reading has come.
    pub bytes: u64,
}

/// An archive's members are unpacked up to this many bytes each; more is no log but an attack on the disk.
const MOST_UNPACKED: u64 = 16 << 30;

/// Opens a file as it was sent: CSV in any of its forms, a workbook (XLSX, XLSB, XLS, ODS), or a zip archive of them.
///
/// Never fails as a whole: each table that cannot be read carries its own error.
#[must_use]
pub fn open(path: &Path, options: &ReadOptions) -> Vec<Opened> {
    let name = path.file_name().unwrap_or(path.as_os_str());
    let name = name.to_string_lossy().into_owned();
    match File::open(path) {
        Ok(file) => tables(name, file, options, Archives::Unpack),
        Err(e) => vec![failed(name, Error::file(ErrorKind::Input, "open", path, e))],
    }
}

/// Whether an archive is unpacked: one inside another is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Archives {
    Unpack,
    Refuse,
}

fn failed(name: String, error: Error) -> Opened {
    Opened {
        name,
        content: Err(error),
        bytes: 0,
    }
}

fn tables(name: String, mut file: File, options: &ReadOptions, archives: Archives) -> Vec<Opened> {
    let mut magic = [0; 8];
    let start = file
        .by_ref()
        .take(8)
        .read(&mut magic)
        .and_then(|_| file.seek(SeekFrom::Start(0)));
    if let Err(e) = start {
        return vec![failed(name, Error::reading(e))];
    }
    let zip = magic.starts_with(b"PK\x03\x04");
    let compound = magic == [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    if compound || (zip && is_workbook(&file)) {
        workbook(&name, file, options)
    } else if zip && archives == Archives::Unpack {
        archive(&name, file, options)
    } else if zip {
        let error = Error::new(
            ErrorKind::Format,
            "an archive inside an archive is not opened",
        );
        vec![failed(
            name,
            error.with_remedy("unpack it and give its files"),
        )]
    } else {
        vec![table(name, file, options, false)]
    }
}

/// Whether a zip file is a workbook, by the members that every workbook has.
fn is_workbook(file: &File) -> bool {
    let Ok(Ok(archive)) = file.try_clone().map(zip::ZipArchive::new) else {
        return false;
    };
    let is = archive
        .file_names()
        .flatten()
        .any(|name| ["xl/workbook.xml", "xl/workbook.bin", "content.xml"].contains(&name.as_ref()));
    // The clone shares its place in the file.
    let mut file = file;
    file.seek(SeekFrom::Start(0)).is_ok() && is
}

fn workbook(name: &str, file: File, options: &ReadOptions) -> Vec<Opened> {
    match sheet::sheets(file) {
        Err(error) => vec![failed(name.to_owned(), error)],
        Ok(sheets) if sheets.is_empty() => {
            let error = Error::new(ErrorKind::Format, "the workbook holds no row");
            vec![failed(name.to_owned(), error)]
        }
        Ok(sheets) => {
            let single = sheets.len() == 1;
            let label = |sheet: &str| {
                if single {
                    name.to_owned()
                } else {
                    format!("{name}[{sheet}]")
                }
            };
            sheets
                .into_iter()
                .map(|sheet| table(label(&sheet.name), sheet.text, options, true))
                .collect()
        }
    }
}

fn archive(name: &str, file: File, options: &ReadOptions) -> Vec<Opened> {
    let broken = |e: zip::result::ZipError| {
        Error::new(ErrorKind::Format, "cannot read the archive").with_source(e)
    };
    let mut archive = match zip::ZipArchive::new(file) {
        Ok(archive) => archive,
        Err(e) => return vec![failed(name.to_owned(), broken(e))],
    };
    let mut list = Vec::new();
    for index in 0..archive.len() {
        let member = match archive.by_index(index) {
            Ok(member) => member,
            Err(e) => {
                list.push(failed(format!("{name}/member {}", index + 1), broken(e)));
                continue;
            }
        };
        // A name that cannot be read is still a member; its number says which.
        let inner = member.name().map_or_else(
            |_| format!("member {}", index + 1),
            |name| name.into_owned(),
        );
        if member.is_dir() || is_litter(&inner) {
            continue;
        }
        let label = format!("{name}/{inner}");
        match unpacked(member) {
            Ok(file) => list.extend(tables(label, file, options, Archives::Refuse)),
            Err(error) => list.push(failed(label, error)),
        }
    }
    if list.is_empty() {
        let error = Error::new(ErrorKind::Format, "the archive holds no file");
        list.push(failed(name.to_owned(), error));
    }
    list
}

/// What operating systems put beside the files.
fn is_litter(name: &str) -> bool {
    let last = Path::new(name)
        .file_name()
        .and_then(OsStr::to_str)
        .unwrap_or_default();
    name.starts_with("__MACOSX/")
        || last.starts_with('.')
        || last == "Thumbs.db"
        || last == "desktop.ini"
}

fn unpacked(member: impl Read) -> Result<File> {
    let mut file = tempfile::tempfile().map_err(|e| Error::writing("a temporary file", e))?;
    let copied =
        std::io::copy(&mut member.take(MOST_UNPACKED + 1), &mut file).map_err(Error::reading)?;
    if copied > MOST_UNPACKED {
        return Err(
            Error::new(ErrorKind::Format, "the member is larger than 16 GiB")
                .with_remedy("unpack it and give its files"),
        );
    }
    file.seek(SeekFrom::Start(0)).map_err(Error::reading)?;
    Ok(file)
}

fn table(name: String, file: File, options: &ReadOptions, sheet: bool) -> Opened {
    let bytes = file.metadata().map_or(0, |m| m.len());
    let content = content(file, options, sheet);
    Opened {
        name,
        content,
        bytes,
    }
}

fn content(file: File, options: &ReadOptions, sheet: bool) -> Result<Content> {
    let unread = Unread::new(file, sheet)?;
    let (delimiter, form) = sniff(&unread.heads, &options.columns)?;
    Ok(match form {
        Form::Searches(header, skip) => {
            Content::Searches(Reader::of(unread.rows(delimiter, skip)?, header, options)?)
        }
        Form::Events(columns, skip) => Content::Events(EventReader::of(
            unread.rows(delimiter, skip)?,
            columns,
            options,
        )),
        Form::Sharing(columns, skip) => {
            Content::Sharing(SharingReader::of(unread.rows(delimiter, skip)?, columns))
        }
    })
}
