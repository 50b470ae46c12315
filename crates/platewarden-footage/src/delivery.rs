//! To whom packages go: a folder, or a server that takes them over HTTPS.

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::package::{SealedPackage, digest_of};
use crate::{Error, Result};

/// What receives packages. It has all of a package or nothing of it, and the same package given twice is received once.
pub trait PackageReceiver {
    /// Its name, without credentials.
    fn name(&self) -> String;

    /// Takes a package over.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Delivery`](crate::ErrorKind::Delivery) or [`ErrorKind::Io`](crate::ErrorKind::Io): nothing was received.
    fn receive(&mut self, package: &SealedPackage) -> Result<()>;
}

/// Packages in a folder, each under the code of its request and its own digest.
#[derive(Clone, Debug)]
pub struct PackageFolder(pub PathBuf);

/// Name of a package where it is received: who sends the same again does not send another.
fn name_of(package: &SealedPackage) -> String {
    let digest = package.sha256.get(..16).unwrap_or(&package.sha256);
    format!("{}-{digest}.pwseal", package.manifest.code)
}

impl PackageReceiver for PackageFolder {
    fn name(&self) -> String {
        self.0.display().to_string()
    }

    fn receive(&mut self, package: &SealedPackage) -> Result<()> {
        fs::create_dir_all(&self.0).map_err(|source| Error::io("make", &self.0, source))?;
        let target = self.0.join(name_of(package));
        if target.exists() && digest_of(&target)?.1 == package.sha256 {
            return Ok(());
        }
        let partial = target.with_extension("partial");
        let copy = || -> io::Result<()> {
            fs::copy(&package.path, &partial)?;
            File::open(&partial)?.sync_all()?;
            fs::rename(&partial, &target)?;
            if cfg!(unix) {
                File::open(&self.0)?.sync_all()?;
            }
            Ok(())
        };
        copy().map_err(|source| {
            // The error that matters is the first.
            let _ = fs::remove_file(&partial);
            Error::io("write", &target, source)
        })
    }
}

/// A server that takes packages: `PUT URL/NAME` with the whole package as its body, its length, and its SHA-256 in the header
/// `Repr-Digest` (RFC 9530). Any answer of 200 to 299 says that the server has all of it. The same package has the same name, so
/// that one that was cut off is sent again from its start and stands there once.
#[derive(Clone, Debug)]
pub struct PackageServer {
    url: String,
    /// How often a package is tried that the server does not take for a reason that may pass. Default: 5.
    pub tries: u32,
    /// Wait before the second try; each further one is twice as long. Default: 1 s.
    pub pause: Duration,
    agent: ureq::Agent,
}

impl PackageServer {
    /// A server by the address of its folder: `https://`, or `http://` to this machine itself.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) for any other address: packages are sealed, and who sends one is not.
    pub fn new(url: &str) -> Result<Self> {
        let url = url.trim_end_matches('/').to_owned();
        let host = url
            .strip_prefix("http://")
            .map(|rest| rest.split(['/', ':']).next().unwrap_or_default());
        let is_local = host.is_some_and(|host| matches!(host, "127.0.0.1" | "localhost"));
        if !url.starts_with("https://") && !is_local {
            return Err(Error::invalid(
                "address of an evidence system",
                "one that begins with `https://`",
                &format!("`{url}`"),
            ));
        }
        let agent = ureq::Agent::config_builder()
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_recv_response(Some(Duration::from_secs(60)))
            .http_status_as_error(false)
            // What was agreed to goes to the server named, and to no other.
            .max_redirects(0)
            .build()
            .new_agent();
        Ok(Self {
            url,
            tries: 5,
            pause: Duration::from_secs(1),
            agent,
        })
    }

    /// One try; the error says whether another may do better.
    fn send(&self, package: &SealedPackage) -> std::result::Result<(), (String, bool)> {
        let file = File::open(&package.path).map_err(|error| (error.to_string(), false))?;
        let digest = hex::decode(&package.sha256).unwrap_or_default();
        let answer = self
            .agent
            .put(format!("{}/{}", self.url, name_of(package)))
            .header("Content-Type", "application/octet-stream")
            .header("Content-Length", package.bytes.to_string())
            .header(
                "Repr-Digest",
                format!("sha-256=:{}:", STANDARD.encode(&digest)),
            )
            .send(ureq::SendBody::from_owned_reader(file));
        match answer {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => {
                let status = answer.status();
                let may_pass =
                    status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429);
                Err((format!("it answered {status}"), may_pass))
            }
            Err(error) => Err((error.to_string(), true)),
        }
    }
}

impl PackageReceiver for PackageServer {
    fn name(&self) -> String {
        // A name and password in an address are nobody's business.
        match self
            .url
            .split_once("://")
            .and_then(|(scheme, rest)| Some((scheme, rest.split_once('@')?.1)))
        {
            Some((scheme, rest)) => format!("{scheme}://{rest}"),
            None => self.url.clone(),
        }
    }

    fn receive(&mut self, package: &SealedPackage) -> Result<()> {
        let mut pause = self.pause;
        let mut tried = 1;
        loop {
            match self.send(package) {
                Ok(()) => return Ok(()),
                Err((_, true)) if tried < self.tries => {
                    std::thread::sleep(pause);
                    pause *= 2;
                    tried += 1;
                }
                Err((why, _)) => return Err(Error::delivery(&self.name(), &why)),
            }
        }
    }
}
