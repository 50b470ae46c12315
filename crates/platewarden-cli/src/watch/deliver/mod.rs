//! `watch --mqtt` and `watch --webhook`: passes and hits go to a broker or a server, in order, and none is lost while it is away.
//!
//! Whatever comes is first a file of a queue on disk, and a thread of its own sends the oldest until the receiver has
//! acknowledged it. Hits come here as they come to standard output: after the policy check.

mod mqtt;
mod queue;
mod sender;
mod webhook;

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use self::{mqtt::Mqtt, queue::Queue, sender::Sender, webhook::Webhook};
use super::sink::{Sink, Told};
use crate::failure::AnyError;

/// Where passes and hits are sent.
#[derive(Args)]
#[command(next_help_heading = "Sending passes and hits")]
pub(super) struct DeliveryArguments {
    /// Publish passes and hits to this MQTT broker: mqtt://user:password@host:1883/prefix, or mqtts:// for TLS; see
    /// docs/integrations.md for topics and payload
    #[arg(long, value_name = "URL")]
    mqtt: Option<String>,
    /// Announce each camera to Home Assistant under this discovery prefix
    #[arg(long, value_name = "PREFIX", num_args = 0..=1, default_missing_value = "homeassistant", requires = "mqtt")]
    mqtt_discovery: Option<String>,
    /// Post passes and hits to this address, one JSON object a request; may be given more than once
    #[arg(long, value_name = "URL")]
    webhook: Vec<String>,
    /// Header of each request of a webhook, as in 'Authorization: Bearer TOKEN'; may be given more than once
    #[arg(long, value_name = "NAME: VALUE", requires = "webhook")]
    webhook_header: Vec<String>,
    /// Folder for what could not be sent yet; it is sent first when the program is started again
    #[arg(long, value_name = "DIR", default_value = "platewarden-queue")]
    queue: PathBuf,
    /// How many passes and hits wait at most for each receiver; then new ones are refused, named and counted
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    queue_limit: usize,
}

impl DeliveryArguments {
    /// One sink for each receiver.
    pub(super) fn sinks(&self) -> Result<Vec<Box<dyn Sink>>, AnyError> {
        let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
        if let Some(url) = &self.mqtt {
            let mqtt = Mqtt::new(url, self.mqtt_discovery.clone())?;
            let queue = Queue::open(&self.queue.join("mqtt"), self.queue_limit)?;
            sinks.push(Box::new(Delivery(Sender::start(queue, Box::new(mqtt))?)));
        }
        for (number, url) in self.webhook.iter().enumerate() {
            let webhook = Webhook::new(url, &self.webhook_header)?;
            let folder = self.queue.join(format!("webhook-{}", number + 1));
            let queue = Queue::open(&folder, self.queue_limit)?;
            sinks.push(Box::new(Delivery(Sender::start(queue, Box::new(webhook))?)));
        }
        Ok(sinks)
    }
}

struct Delivery(Sender);

impl Sink for Delivery {
    fn take(&mut self, told: &Told<'_>) -> Result<(), String> {
        let mut object = told.object.clone();
        if let Some(fields) = object.as_object_mut() {
            fields.insert("camera".into(), told.camera.into());
            fields.insert("source_start".into(), json!(told.start));
        }
        self.0.send(&object)
    }

    fn finish(&mut self) -> Result<(), String> {
        self.0.finish()
    }
}
