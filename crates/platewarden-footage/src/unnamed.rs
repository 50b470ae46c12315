//! Requests that name no plate: which of the vehicles read is sought, found out without telling what was read.

use crate::blinded::BlindedClient;
use crate::scan::FootageMatch;
use crate::{Error, Result};

/// Asks about all vehicles that a [`Scanner`](crate::Scanner) read, in batches that are filled up with random questions, and keeps
/// those that are sought; the others are forgotten. `ask` carries a question to the evaluating side and brings its answer.
///
/// The evaluating side learns how many batches there were, whatever was read and whatever matches.
///
/// # Errors
///
/// Those of `ask`; [`ErrorKind::Signature`](crate::ErrorKind::Signature) for an answer under another key than the request pins: none of
/// it is used; [`ErrorKind::Refused`](crate::ErrorKind::Refused) where there are more reads than a device may ask about.
pub fn reveal(
    client: &BlindedClient,
    read: Vec<FootageMatch>,
    ask: &mut dyn FnMut(&[u8]) -> Result<Vec<u8>>,
) -> Result<Vec<FootageMatch>> {
    let texts: Vec<&[String]> = read
        .iter()
        .map(|vehicle| vehicle.texts.as_slice())
        .collect();
    let mut reveals = Vec::new();
    for batch in client.batches(&texts)? {
        let answer = ask(batch.question())?;
        reveals.extend(batch.finish(&answer)?);
    }
    let mut read: Vec<Option<FootageMatch>> = read.into_iter().map(Some).collect();
    let mut found = Vec::new();
    for reveal in reveals {
        // A vehicle matches once, however many of its texts are sought.
        let Some(mut vehicle) = read.get_mut(reveal.read()).and_then(Option::take) else {
            continue;
        };
        reveal.text().clone_into(&mut vehicle.wanted);
        vehicle.revealed = Some(reveal.to_string());
        found.push(vehicle);
    }
    Ok(found)
}

/// A client of what a verified request carries.
///
/// # Errors
///
/// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) where the request names its plates.
pub fn client_of(
    request: &crate::VerifiedRequest,
    device: crate::blinded::DeviceToken,
) -> Result<BlindedClient> {
    let Some(targets) = &request.body().blinded else {
        return Err(Error::invalid(
            "request",
            "one that names no plate",
            "one that does",
        ));
    };
    BlindedClient::new(targets, device)
}
