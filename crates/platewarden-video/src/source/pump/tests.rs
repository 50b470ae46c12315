#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]
use super::super::IterSource;
use super::*;

fn frames(count: u64) -> impl Iterator<Item = VideoFrame> + Send {
    (0..count)
        .map(|n| VideoFrame::from_image(image::RgbImage::new(4, 4), Duration::from_millis(n * 10)))
}

fn drain(pump: &Pump) -> Vec<u64> {
    let mut indices = Vec::new();
    loop {
        match pump.take(Duration::from_secs(10)) {
            Taken::Frame(frame) => indices.push(frame.index()),
            Taken::Ended => return indices,
            Taken::Failed(error) => panic!("{error}"),
            Taken::Nothing => panic!("nothing came"),
        }
    }
}

#[test]
fn blocking_loses_nothing() {
    let pump = Pump::start(IterSource::new("m", frames(100)), PumpOptions::default());
    assert_eq!(drain(&pump), (0..100).collect::<Vec<_>>());
    let statistics = pump.statistics();
    assert_eq!((statistics.delivered, statistics.dropped), (100, 0));
    assert!(statistics.is_balanced());
}

#[test]
fn slow_consumer_gets_the_newest_and_the_rest_is_counted() {
    let source = IterSource::new("m", frames(100)).with_live(true);
    let pump = Pump::start(source, PumpOptions::default().with_capacity(3));
    assert!(pump.wait_for_end(Duration::from_secs(10)));
    assert_eq!(drain(&pump), [97, 98, 99]);
    let statistics = pump.statistics();
    assert_eq!((statistics.delivered, statistics.dropped), (3, 97));
    assert!(statistics.is_balanced());
}

#[test]
fn old_frames_are_not_handed_out() {
    let source = IterSource::new("m", frames(2)).with_live(true);
    let options = PumpOptions::default().with_max_age(Duration::from_millis(20));
    let pump = Pump::start(source, options);
    assert!(pump.wait_for_end(Duration::from_secs(10)));
    std::thread::sleep(Duration::from_millis(60));
    assert!(drain(&pump).is_empty());
    assert_eq!(pump.statistics().dropped, 2);
}

#[test]
fn stopping_while_blocked_ends_and_balances() {
    let pump = Pump::start(
        IterSource::new("m", frames(u64::MAX)),
        PumpOptions::default(),
    );
    assert!(matches!(
        pump.take(Duration::from_secs(10)),
        Taken::Frame(_)
    ));
    pump.stop();
    assert!(pump.wait_for_end(Duration::from_secs(10)));
    assert!(matches!(pump.take(Duration::ZERO), Taken::Ended));
    assert!(pump.statistics().is_balanced(), "{:?}", pump.statistics());
}

#[test]
fn panicking_source_is_an_error() {
    let broken = (0..2).map(|n| {
        assert!(n == 0, "broken on purpose");
        VideoFrame::from_image(image::RgbImage::new(4, 4), Duration::ZERO)
    });
    let pump = Pump::start(IterSource::new("m", broken), PumpOptions::default());
    assert!(matches!(
        pump.take(Duration::from_secs(10)),
        Taken::Frame(_)
    ));
    match pump.take(Duration::from_secs(10)) {
        Taken::Failed(error) => assert!(error.to_string().contains("broken on purpose")),
        other => panic!("{other:?}"),
    }
    assert!(matches!(pump.take(Duration::from_secs(10)), Taken::Ended));
}
