//! An evidence system of the test's own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) body: Vec<u8>,
    /// Head and body as they came.
    pub(crate) everything: Vec<u8>,
}

/// Takes packages; hangs up in the middle of the first few.
pub(crate) struct Server {
    address: std::net::SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    ended: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Server {
    pub(crate) fn start(dies: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let ended = Arc::new(AtomicBool::new(false));
        let thread = std::thread::spawn({
            let (received, ended) = (received.clone(), ended.clone());
            move || {
                for (number, stream) in listener.incoming().enumerate() {
                    if ended.load(Ordering::SeqCst) {
                        return;
                    }
                    if let Some(package) = take(stream.unwrap(), number < dies) {
                        received.lock().unwrap().push(package);
                    }
                }
            }
        });
        Self {
            address,
            received,
            ended,
            thread,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/evidence", self.address)
    }

    pub(crate) fn stop(self) -> Vec<Received> {
        self.ended.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        self.thread.join().unwrap();
        std::mem::take(&mut *self.received.lock().unwrap())
    }
}

fn take(stream: TcpStream, dies: bool) -> Option<Received> {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut everything, mut length, mut path) = (Vec::new(), 0, String::new());
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap() == 0 {
            return None;
        }
        everything.extend(line.bytes());
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        } else if line.starts_with("PUT ") {
            path = line.split(' ').nth(1).unwrap().to_owned();
        } else if line == "\r\n" {
            break;
        }
    }
    if dies {
        // Half of it, and then the line is dead.
        let mut half = vec![0; length / 2];
        reader.read_exact(&mut half).unwrap();
        return None;
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    everything.extend(&body);
    let mut stream = stream;
    stream
        .write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        .unwrap();
    Some(Received {
        path,
        body,
        everything,
    })
}
