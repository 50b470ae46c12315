//! A broker: passes and hits under topics of their own, with Home Assistant's discovery.

use std::{collections::HashSet, time::Duration};

use rumqttc::{
    Client, Connection, ConnectionError, Event, LastWill, MqttOptions, Outgoing, Packet, QoS,
    RecvTimeoutError, Transport,
};
use serde_json::{Value, json};

use super::{
    queue::Message,
    sender::{Receiver, Undelivered},
};
use crate::failure::{AnyError, UsageError};

/// Longest wait for an acknowledgement.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long an idle connection is listened to at a time.
const GLANCE: Duration = Duration::from_millis(20);
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// A broker, connected to when there is something to send.
pub(super) struct Mqtt {
    options: MqttOptions,
    name: String,
    prefix: String,
    /// Home Assistant's prefix, where cameras are announced.
    discovery: Option<String>,
    link: Option<Link>,
    /// Cameras that were announced over this connection.
    announced: HashSet<String>,
}

struct Link {
    client: Client,
    connection: Connection,
}

impl Mqtt {
    pub(super) fn new(url: &str, discovery: Option<String>) -> Result<Self, AnyError> {
        let address = Address::parse(url).ok_or_else(|| {
            UsageError(format!(
                "--mqtt {}: expected mqtt://user:password@host:1883/prefix, of which user, port and prefix may be left out, or mqtts://",
                platewarden_video::source::display_name(url)
            ))
        })?;
        let id = format!("platewarden-{:x}", std::process::id());
        let mut options = MqttOptions::new(id, address.host, address.port);
        options.set_keep_alive(KEEP_ALIVE);
        options.set_max_packet_size(1 << 20, 1 << 20);
        if let Some((user, password)) = address.login {
            options.set_credentials(user, password);
        }
        if address.is_tls {
            // Fails where it was done before, with the same provider.
            rustls::crypto::ring::default_provider()
                .install_default()
                .ok();
            options.set_transport(Transport::tls_with_default_config());
        }
        let status = format!("{}/status", address.prefix);
        options.set_last_will(LastWill::new(status, "offline", QoS::AtLeastOnce, true));
        Ok(Self {
            options,
            name: platewarden_video::source::display_name(url),
            prefix: address.prefix,
            discovery,
            link: None,
            announced: HashSet::new(),
        })
    }

    /// Publishes and waits until the broker has acknowledged it.
    fn publish(&mut self, topic: &str, is_retained: bool, payload: String) -> Result<(), String> {
        let options = &self.options;
        let link = self.link.get_or_insert_with(|| {
            let (client, connection) = Client::new(options.clone(), 10);
            Link { client, connection }
        });
        let sent = link
            .client
            .publish(topic, QoS::AtLeastOnce, is_retained, payload)
            .map_err(|error| error.to_string())
            .and_then(|()| acknowledged(&mut link.connection));
        if sent.is_err() {
            // A new connection: the old one may send what it holds a second time.
            self.link = None;
            self.announced.clear();
        }
        sent
    }

    fn announce(&mut self, camera: &str) -> Result<(), String> {
        if self.announced.contains(camera) {
            return Ok(());
        }
        let status = format!("{}/status", self.prefix);
        self.publish(&status, true, "online".to_owned())?;
        if let Some(discovery) = self.discovery.clone() {
            let (topic, payload) = announcement(&discovery, &self.prefix, camera);
            self.publish(&topic, true, payload.to_string())?;
        }
        self.announced.insert(camera.to_owned());
        Ok(())
    }
}

/// Listens until the one message that is out is acknowledged.
fn acknowledged(connection: &mut Connection) -> Result<(), String> {
    loop {
        match connection.recv_timeout(TIMEOUT) {
            Ok(Ok(Event::Incoming(Packet::PubAck(_)))) => return Ok(()),
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return Err(plain(&error)),
            Err(RecvTimeoutError::Timeout) => {
                return Err(format!("no acknowledgement within {} s", TIMEOUT.as_secs()));
            }
            Err(RecvTimeoutError::Disconnected) => return Err("the connection is gone".to_owned()),
        }
    }
}

fn plain(error: &ConnectionError) -> String {
    error.to_string()
}

impl Receiver for Mqtt {
    fn name(&self) -> &str {
        &self.name
    }

    fn deliver(&mut self, message: &Message) -> Result<(), Undelivered> {
        let text = |field: &str| message.body.get(field).and_then(Value::as_str);
        let camera = level(text("camera").unwrap_or("camera"));
        let kind = text("type").unwrap_or("pass");
        let topic = format!("{}/{camera}/{kind}", self.prefix);
        self.announce(&camera)
            .and_then(|()| self.publish(&topic, false, message.body.to_string()))
            .map_err(Undelivered::Later)
    }

    fn idle(&mut self) {
        let Some(link) = &mut self.link else { return };
        // Pings are sent while the connection is listened to.
        loop {
            match link.connection.recv_timeout(GLANCE) {
                Ok(Ok(Event::Outgoing(Outgoing::PingReq) | Event::Incoming(_))) => {}
                Ok(Ok(_)) => {}
                Err(RecvTimeoutError::Timeout) => return,
                Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.link = None;
        self.announced.clear();
    }
}

/// A name as one level of a topic.
fn level(name: &str) -> String {
    let level: String = name
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') {
                c
            } else {
                '-'
            }
        })
        .collect();
    level.trim_matches('-').to_owned()
}

/// Topic and payload by which Home Assistant knows a camera's last plate.
fn announcement(discovery: &str, prefix: &str, camera: &str) -> (String, Value) {
    let id = format!("{}_{}", level(prefix), camera).replace(['.', '-'], "_");
    let payload = json!({
        "name": "Plate",
        "unique_id": format!("{id}_plate"),
        "state_topic": format!("{prefix}/{camera}/pass"),
        "value_template": "{{ value_json.text }}",
        "json_attributes_topic": format!("{prefix}/{camera}/pass"),
        "availability_topic": format!("{prefix}/status"),
        "icon": "mdi:car",
        "device": {
            "identifiers": [id],
            "name": camera,
            "manufacturer": "Platewarden",
            "sw_version": env!("CARGO_PKG_VERSION"),
        },
    });
    (format!("{discovery}/sensor/{id}_plate/config"), payload)
}

/// The parts of an address.
struct Address {
    is_tls: bool,
    login: Option<(String, String)>,
    host: String,
    port: u16,
    prefix: String,
}

impl Address {
    fn parse(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let is_tls = match scheme {
            "mqtt" | "tcp" => false,
            "mqtts" | "ssl" => true,
            _ => return None,
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, place) = match authority.rsplit_once('@') {
            Some((login, place)) => {
                let (user, password) = login.split_once(':').unwrap_or((login, ""));
                (Some((user.to_owned(), password.to_owned())), place)
            }
            None => (None, authority),
        };
        let port = if is_tls { 8883 } else { 1883 };
        let (host, port) = match place.rsplit_once(':') {
            // The colons of an IPv6 address stand within brackets.
            Some((host, digits)) if !digits.ends_with(']') => (host, digits.parse().ok()?),
            _ => (place, port),
        };
        let prefix = path.trim_matches('/');
        (!host.is_empty() && !prefix.contains(['#', '+'])).then(|| Self {
            is_tls,
            login,
            host: host.trim_matches(['[', ']']).to_owned(),
            port,
            prefix: if prefix.is_empty() {
                "platewarden"
            } else {
                prefix
            }
            .to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]
    use super::*;

    #[test]
    fn addresses_have_defaults() {
        let address = Address::parse("mqtt://broker.example").unwrap();
        assert_eq!(
            (address.host.as_str(), address.port, address.prefix.as_str()),
            ("broker.example", 1883, "platewarden")
        );
        let address = Address::parse("mqtts://u:p@ss@[::1]:99/home/plates/").unwrap();
        assert_eq!(
            (address.host.as_str(), address.port, address.prefix.as_str()),
            ("::1", 99, "home/plates")
        );
        assert_eq!(address.login, Some(("u".to_owned(), "p@ss".to_owned())));
        for wrong in [
            "broker.example",
            "http://broker",
            "mqtt://",
            "mqtt://b/#",
            "mqtt://b:x",
        ] {
            assert!(Address::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn names_of_cameras_are_one_level_of_a_topic() {
        assert_eq!(level("rtsp://gate.example/1"), "rtsp---gate.example-1");
        assert_eq!(level("Elm/4th #2+"), "Elm-4th--2");
    }
}
