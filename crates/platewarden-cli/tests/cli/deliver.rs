//! `platewarden watch --mqtt` and `--webhook`, with a receiver that goes away and comes back.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use serde_json::Value;

use super::{err, platewarden, project};

/// Watches the committed clip, whose two vehicles give two passes.
fn watch(folder: &Path, more: &[&str]) -> Output {
    platewarden("watch")
        .arg(project("fixtures/data/clip"))
        .args([
            "--fps",
            "12.5",
            "--backend",
            "embedded",
            "--camera-name",
            "elm 4th",
        ])
        .args(more)
        .current_dir(folder)
        .output()
        .unwrap()
}

/// A server that takes posts and answers what it is told to.
struct Server {
    address: String,
    posts: Arc<Mutex<Vec<(String, Value)>>>,
    is_over: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Server {
    /// Answers with these status lines in turn, and then 204.
    fn start(port: u16, answers: &'static [&'static str]) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let address = format!("http://{}/plates", listener.local_addr().unwrap());
        let posts = Arc::new(Mutex::new(Vec::new()));
        let is_over = Arc::new(AtomicBool::new(false));
        let (taken, over) = (Arc::clone(&posts), Arc::clone(&is_over));
        let thread = thread::spawn(move || {
            let mut answers = answers.iter();
            for stream in listener.incoming() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                let answer = answers.next().copied();
                let post = take(&mut stream.unwrap(), answer.unwrap_or("204 No Content"));
                if answer.is_none() {
                    taken.lock().unwrap().push(post);
                }
            }
        });
        Self {
            address,
            posts,
            is_over,
            thread: Some(thread),
        }
    }

    fn port(&self) -> u16 {
        let (_, rest) = self.address.rsplit_once(':').unwrap();
        rest.split('/').next().unwrap().parse().unwrap()
    }

    /// What it has taken: key and text of each post.
    fn stop(mut self) -> Vec<(String, Value)> {
        self.is_over.store(true, Ordering::Relaxed);
        TcpStream::connect(("127.0.0.1", self.port())).ok();
        self.thread.take().unwrap().join().unwrap();
        std::mem::take(&mut self.posts.lock().unwrap())
    }
}

/// Reads one post and answers it.
fn take(stream: &mut TcpStream, answer: &str) -> (String, Value) {
    let mut input = BufReader::new(stream.try_clone().unwrap());
    let (mut length, mut key) = (0, String::new());
    loop {
        let mut line = String::new();
        input.read_line(&mut line).unwrap();
        let line = line.trim().to_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if let Some(value) = line.strip_prefix("idempotency-key:") {
            key = value.trim().to_owned();
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body).unwrap();
    write!(
        stream,
        "HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    (key, serde_json::from_slice(&body).unwrap())
}

fn texts(posts: &[(String, Value)]) -> Vec<String> {
    posts
        .iter()
        .map(|(_, body)| body["text"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_webhook_takes_passes_in_order_and_what_failed_comes_again() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(0, &["503 Busy", "429 Too Many"]);
    let output = watch(folder.path(), &["--webhook", &server.address]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let posts = server.stop();
    assert_eq!(texts(&posts), ["42TKF7", "WE2907R"]);
    assert_eq!(posts[0].1["camera"], "elm 4th");
    assert_ne!(posts[0].0, posts[1].0);
    assert!(err(&output).contains("it answers 503"), "{}", err(&output));
}

#[test]
fn nothing_is_lost_while_the_server_is_away_and_the_order_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(0, &[]);
    let (address, port) = (server.address.clone(), server.port());
    server.stop();
    let output = watch(folder.path(), &["--webhook", &address]);
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    assert!(
        err(&output).contains("2 messages were not sent"),
        "{}",
        err(&output)
    );
    let server = Server::start(port, &[]);
    let output = watch(folder.path(), &["--webhook", &address]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(
        texts(&server.stop()),
        ["42TKF7", "WE2907R", "42TKF7", "WE2907R"]
    );
}

#[test]
fn what_a_server_refuses_for_good_is_set_aside_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(0, &["422 Unprocessable"]);
    let output = watch(folder.path(), &["--webhook", &server.address]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(texts(&server.stop()), ["WE2907R"]);
    assert!(err(&output).contains("set aside"), "{}", err(&output));
    let queue = folder.path().join("platewarden-queue/webhook-1");
    let kept: Vec<_> = std::fs::read_dir(queue).unwrap().collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
}

#[test]
fn a_full_queue_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let output = watch(
        folder.path(),
        &["--webhook", "http://127.0.0.1:1/none", "--queue-limit", "1"],
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("--queue-limit"), "{}", err(&output));
}

/// A broker of this test's own.
struct Broker {
    process: Child,
}

impl Broker {
    fn start(folder: &Path, port: u16) -> Self {
        let config = folder.join("mosquitto.conf");
        std::fs::write(
            &config,
            format!("listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n"),
        )
        .unwrap();
        let process = Command::new(mosquitto())
            .arg("-c")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let broker = Self { process };
        for _ in 0..100 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return broker;
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("the broker did not start");
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Debian puts it where only root looks.
fn mosquitto() -> &'static str {
    [
        "/usr/sbin/mosquitto",
        "/usr/local/sbin/mosquitto",
        "/opt/homebrew/sbin/mosquitto",
    ]
    .into_iter()
    .find(|path| Path::new(path).exists())
    .unwrap_or("mosquitto")
}

/// Whether there is a broker to test with; where it must be there, its lack is a failure.
fn has_mosquitto() -> bool {
    let runs = |program: &str| Command::new(program).arg("-h").output().is_ok();
    let found = runs(mosquitto()) && runs("mosquitto_sub");
    assert!(
        found || std::env::var_os("PLATEWARDEN_REQUIRE_MOSQUITTO").is_none(),
        "there is no mosquitto, and PLATEWARDEN_REQUIRE_MOSQUITTO is set"
    );
    if !found {
        eprintln!("skipped: mosquitto and mosquitto_sub are not installed");
    }
    found
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// Prints topic and payload of so many messages, or what came within the seconds given.
fn subscribe(port: u16, messages: usize, seconds: usize) -> Child {
    let child = Command::new("mosquitto_sub")
        .args([
            "-h",
            "127.0.0.1",
            "-p",
            &port.to_string(),
            "-t",
            "#",
            "-q",
            "1",
            "-v",
        ])
        .args(["-C", &messages.to_string(), "-W", &seconds.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // It must have subscribed before anything is sent.
    thread::sleep(Duration::from_millis(500));
    child
}

fn heard(child: Child) -> Vec<(String, String)> {
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(topic, payload)| (topic.to_owned(), payload.to_owned()))
        .collect()
}

#[test]
fn a_broker_gets_passes_the_status_and_home_assistants_discovery() {
    if !has_mosquitto() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let broker = Broker::start(folder.path(), port);
    let listening = subscribe(port, 5, 60);
    let url = format!("mqtt://127.0.0.1:{port}/plates");
    let output = watch(folder.path(), &["--mqtt", &url, "--mqtt-discovery"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let heard = heard(listening);
    let topics: Vec<&str> = heard.iter().map(|(topic, _)| topic.as_str()).collect();
    assert_eq!(
        topics,
        [
            "plates/status",
            "homeassistant/sensor/plates_elm_4th_plate/config",
            "plates/elm-4th/pass",
            "plates/elm-4th/pass",
            // The last will: the program has gone.
            "plates/status",
        ]
    );
    assert_eq!(
        (heard[0].1.as_str(), heard[4].1.as_str()),
        ("online", "offline")
    );
    let config: Value = serde_json::from_str(&heard[1].1).unwrap();
    assert_eq!(config["state_topic"], "plates/elm-4th/pass");
    let passes: Vec<Value> = heard[2..4]
        .iter()
        .map(|(_, payload)| serde_json::from_str(payload).unwrap())
        .collect();
    assert_eq!(
        (passes[0]["text"].as_str(), passes[1]["text"].as_str()),
        (Some("42TKF7"), Some("WE2907R"))
    );
    drop(broker);
}

#[test]
fn nothing_is_lost_while_the_broker_is_away() {
    if !has_mosquitto() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let url = format!("mqtt://127.0.0.1:{port}");
    let output = watch(folder.path(), &["--mqtt", &url]);
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    assert!(
        err(&output).contains("2 messages were not sent"),
        "{}",
        err(&output)
    );
    let broker = Broker::start(folder.path(), port);
    let listening = subscribe(port, 6, 60);
    let output = watch(folder.path(), &["--mqtt", &url]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let passes: Vec<String> = heard(listening)
        .into_iter()
        .filter(|(topic, _)| topic.ends_with("/pass"))
        .map(|(_, payload)| {
            let pass: Value = serde_json::from_str(&payload).unwrap();
            pass["text"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(passes, ["42TKF7", "WE2907R", "42TKF7", "WE2907R"]);
    drop(broker);
}

#[test]
fn shells_and_man_know_the_program() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = platewarden("completions").arg(shell).output().unwrap();
        assert!(
            String::from_utf8_lossy(&output.stdout).contains("webhook"),
            "{shell}"
        );
    }
    let output = platewarden("man").arg(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let page = std::fs::read_to_string(folder.path().join("platewarden-watch.1")).unwrap();
    assert!(page.contains("webhook"), "{page}");
}
