//! After the first frame of a size, the steps before and after the networks allocate nothing but what they return.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod common;

use std::sync::Arc;

use common::{FORMATS, Pixels};
use platewarden::{
    Channels, Engine, EngineOptions, LetterboxSpec, Letterboxer, Manifest, Normalization,
    OnnxDetector, OnnxRecognizer, Rect, Rectifier, RectifySpec, ResizeQuality,
    backend::{Dimension, ElementType, Model, ModelSignature, Network, PortSignature, Tensor},
    nms,
};

#[test]
fn letterbox_rectify_and_suppression_allocate_nothing_once_warm() {
    let spec = LetterboxSpec::new(384, 224);
    let plate = RectifySpec::new(128, 64)
        .with_channels(Channels::Rgb)
        .with_margin(0.06, 0.06);
    let quads = [
        Rect::new(300.0, 200.0, 500.0, 120.0),
        Rect::new(20.0, 30.0, 90.0, 20.0),
    ]
    .map(|rect| rect.to_quad());
    let boxes: Vec<Rect> = (0..200)
        .map(|i| Rect::new((i % 20) as f32 * 7.0, (i / 20) as f32 * 9.0, 30.0, 12.0))
        .collect();
    let scores: Vec<f32> = (0..200).map(|i| (i * 37 % 200) as f32 / 200.0).collect();

    for format in FORMATS {
        for quality in [ResizeQuality::Area, ResizeQuality::Bilinear] {
            let pixels = Pixels::flat(format, (1280, 720), [90, 120, 60]);
            let mut letterboxer = Letterboxer::new(quality);
            let mut rectifier = Rectifier::new();
            let mut input = vec![0.0; spec.elements()];
            let mut bytes = vec![0; plate.elements()];
            let mut numbers = vec![0.0; plate.elements()];
            let mut keep = Vec::new();
            let mut frame_by_frame = || {
                let frame = pixels.frame();
                letterboxer.fill(&frame, &spec, &mut input).unwrap();
                nms(&boxes, &scores, 0.5, &mut keep);
                for quad in &quads {
                    rectifier.bytes(&frame, quad, &plate, &mut bytes).unwrap();
                    rectifier
                        .numbers(&frame, quad, &plate, &Normalization::SIGNED, &mut numbers)
                        .unwrap();
                }
            };
            frame_by_frame();
            let counted = allocation_counter::measure(|| {
                for _ in 0..5 {
                    frame_by_frame();
                }
            });
            assert_eq!(counted.count_total, 0, "{format} {quality:?}: {counted:?}");
        }
    }
}

/// A network that always gives the same outputs, from memory that it keeps.
struct Canned {
    signature: ModelSignature,
    outputs: Arc<Vec<Tensor>>,
}

impl Canned {
    /// `inputs` and `outputs` by name; `None` stands for an open dimension.
    fn network(input: (&str, &[Option<usize>]), outputs: &[(&str, Tensor)]) -> Arc<dyn Network> {
        let port = |name: &str, dimensions: Vec<Dimension>| PortSignature {
            name: name.into(),
            element: Some(ElementType::F32),
            dimensions: Some(dimensions),
        };
        let open =
            |size: &Option<usize>| size.map_or(Dimension::Symbol("n".into()), Dimension::Fixed);
        let fixed = |tensor: &Tensor| {
            tensor
                .shape()
                .iter()
                .map(|&size| Dimension::Fixed(size))
                .collect()
        };
        Arc::new(Self {
            signature: ModelSignature {
                inputs: vec![port(input.0, input.1.iter().map(open).collect())],
                outputs: outputs
                    .iter()
                    .map(|(name, tensor)| port(name, fixed(tensor)))
                    .collect(),
            },
            outputs: Arc::new(outputs.iter().map(|(_, tensor)| tensor.clone()).collect()),
        })
    }
}

impl Network for Canned {
    fn signature(&self) -> &ModelSignature {
        &self.signature
    }

    fn prepare(&self, _: &[Option<usize>]) -> platewarden::Result<Box<dyn Model>> {
        Ok(Box::new(Answer(Arc::clone(&self.outputs))))
    }
}

struct Answer(Arc<Vec<Tensor>>);

impl Model for Answer {
    fn run(&mut self, _: &mut Tensor, outputs: &mut Vec<Tensor>) -> platewarden::Result<()> {
        outputs.resize_with(self.0.len(), Tensor::default);
        for (out, canned) in outputs.iter_mut().zip(self.0.iter()) {
            out.reset(canned.element(), canned.shape());
            out.as_f32_mut()
                .unwrap()
                .copy_from_slice(canned.as_f32().unwrap());
        }
        Ok(())
    }
}

/// An engine of the bundled manifest whose detector finds nothing, or one plate that reads `K7QA`.
fn engine(finds: bool) -> Engine {
    let manifest = Manifest::bundled().unwrap();
    let (height, width) = (288, 512);
    let maps: Vec<(String, Tensor)> = [8, 16, 32]
        .map(|stride| {
            let cells = (height / stride) * (width / stride);
            let mut map = vec![0.0f32; 13 * cells];
            map.iter_mut().take(cells).for_each(|logit| *logit = -9.0);
            if finds && stride == 16 {
                let cell = 9 * (width / stride) + 16;
                *map.get_mut(cell).unwrap() = 3.0;
            }
            let shape = [1, 13, height / stride, width / stride];
            (format!("p{stride}"), Tensor::from_f32(&shape, map).unwrap())
        })
        .into();
    let named: Vec<(&str, Tensor)> = maps
        .iter()
        .map(|(name, map)| (name.as_str(), map.clone()))
        .collect();
    let input = manifest.detector.input.clone().unwrap();
    let network = Canned::network((&input, &[Some(1), Some(3), None, None]), &named);
    let detector =
        OnnxDetector::from_network(manifest.detector.clone(), network, None, "canned".as_ref())
            .unwrap();

    let alphabet = &manifest.recognizer.alphabet;
    // Thirty-two columns for each line that the network can read.
    let (steps, classes) = (32 * manifest.recognizer.lines, alphabet.len());
    let spelled = "__KK___77__QQQ__A_";
    let probabilities = (0..steps)
        .flat_map(|step| {
            let symbol = spelled
                .chars()
                .nth(step)
                .unwrap_or(manifest.recognizer.blank);
            alphabet.iter().map(move |&other| {
                if other == symbol {
                    0.998
                } else {
                    0.002 / (classes - 1) as f32
                }
            })
        })
        .collect();
    let probabilities = Tensor::from_f32(&[1, steps, classes], probabilities).unwrap();
    let input = manifest.recognizer.input.clone().unwrap();
    let output = manifest.recognizer.output.clone().unwrap();
    let mut outputs = vec![(output.as_str(), probabilities)];
    let regions = manifest.recognizer.regions.len();
    if let Some(name) = &manifest.recognizer.region_output {
        let even = vec![1.0 / regions as f32; regions];
        outputs.push((name, Tensor::from_f32(&[1, regions], even).unwrap()));
    }
    let network = Canned::network((&input, &[None, Some(3), Some(64), Some(128)]), &outputs);
    let recognizer =
        OnnxRecognizer::from_network(manifest.recognizer.clone(), network, 10, "canned".as_ref())
            .unwrap();
    // The canned recogniser answers for one plate at a time, and is not sure of it.
    let options = EngineOptions::default()
        .with_deskew(false)
        .with_second_look(false);
    Engine::builder()
        .options(options)
        .detector(detector)
        .recognizer(recognizer)
        .build()
        .unwrap()
}

#[test]
fn reading_a_frame_without_a_plate_allocates_nothing_once_warm() {
    let engine = engine(false);
    for format in FORMATS {
        let pixels = Pixels::flat(format, (1280, 720), [90, 120, 60]);
        let frame = pixels.frame();
        assert!(engine.read(&frame).unwrap().is_empty());
        let counted = allocation_counter::measure(|| {
            for _ in 0..5 {
                engine.read(&frame).unwrap();
            }
        });
        assert_eq!(counted.count_total, 0, "{format}: {counted:?}");
    }
}

#[test]
fn reading_a_plate_allocates_the_same_for_every_frame_and_keeps_nothing() {
    let engine = engine(true);
    let pixels = Pixels::flat(FORMATS[0], (1280, 720), [90, 120, 60]);
    let frame = pixels.frame();
    let read = || {
        let reads = engine.read(&frame).unwrap();
        assert_eq!(reads.first().map(|read| read.text.as_str()), Some("K7QA"));
    };
    read();
    let first = allocation_counter::measure(read);
    let later = allocation_counter::measure(|| (0..5).for_each(|_| read()));
    assert_eq!(
        later.count_total,
        5 * first.count_total,
        "{first:?} {later:?}"
    );
    assert_eq!(
        (later.count_current, later.bytes_current),
        (0, 0),
        "{later:?}"
    );
    // Texts, candidates and what it takes to find them: nothing of the size of a frame.
    assert!(first.bytes_max < 256 << 10, "{first:?}");
}
