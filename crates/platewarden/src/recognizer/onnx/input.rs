//! From the pixels of a plate to the input of the network.

use super::{OnnxRecognizer, Scratch};
use crate::error::Failure;
use crate::{
    Error, Frame, Normalization, Quad, Result,
    compat::{fastalpr, opencv},
    manifest::{CropShape, Layout, Resize},
    resample::{Resampler, Row},
};

impl OnnxRecognizer {
    /// Cuts a plate out into numbers.
    pub(super) fn fill(
        &self,
        frame: &Frame<'_>,
        plate: &Quad,
        scratch: &mut Scratch,
        out: &mut [f32],
    ) -> Result<()> {
        let normalization = Normalization::uniform(self.manifest.scale, self.manifest.offset);
        if self.manifest.crop == CropShape::Quad && self.manifest.layout == Layout::Nchw {
            return scratch
                .rectifier
                .numbers(frame, plate, &self.spec, &normalization, out)
                .map(drop);
        }
        let mut bytes = std::mem::take(&mut scratch.bytes);
        bytes.resize(out.len(), 0);
        let cut = self.fill_bytes_as(Layout::Nhwc, frame, plate, scratch, &mut bytes);
        let (channels, pixels) = (
            self.manifest.channels.count(),
            out.len() / self.manifest.channels.count(),
        );
        for (index, &byte) in bytes.iter().enumerate() {
            let (pixel, channel) = (index / channels, index % channels);
            let place = match self.manifest.layout {
                Layout::Nchw => channel * pixels + pixel,
                Layout::Nhwc => index,
            };
            if let Some(out) = out.get_mut(place) {
                *out = normalization.apply(channel, f32::from(byte));
            }
        }
        scratch.bytes = bytes;
        cut
    }

    /// Cuts a plate out into bytes in the layout of the network.
    pub(super) fn fill_bytes(
        &self,
        frame: &Frame<'_>,
        plate: &Quad,
        scratch: &mut Scratch,
        out: &mut [u8],
    ) -> Result<()> {
        self.fill_bytes_as(self.manifest.layout, frame, plate, scratch, out)
    }

    fn fill_bytes_as(
        &self,
        layout: Layout,
        frame: &Frame<'_>,
        plate: &Quad,
        scratch: &mut Scratch,
        out: &mut [u8],
    ) -> Result<()> {
        let channels = self.manifest.channels.count();
        let (width, height) = (self.spec.width as usize, self.spec.height as usize);
        let place = |x: usize, y: usize, channel: usize| match layout {
            Layout::Nhwc => (y * width + x) * channels + channel,
            Layout::Nchw => (channel * height + y) * width + x,
        };
        match (self.manifest.crop, layout) {
            (CropShape::Quad, Layout::Nhwc) => scratch
                .rectifier
                .bytes(frame, plate, &self.spec, out)
                .map(drop),
            (CropShape::Quad, Layout::Nchw) => {
                let mut bytes = std::mem::take(&mut scratch.bytes);
                bytes.resize(out.len(), 0);
                let cut = scratch
                    .rectifier
                    .bytes(frame, plate, &self.spec, &mut bytes)
                    .map(drop);
                for (index, &byte) in bytes.iter().enumerate() {
                    let (pixel, channel) = (index / channels, index % channels);
                    if let Some(out) = out.get_mut(place(pixel % width, pixel / width, channel)) {
                        *out = byte;
                    }
                }
                scratch.bytes = bytes;
                cut
            }
            (CropShape::Box, _) => self.fill_box(frame, plate, scratch, |x, y, channel, value| {
                if let Some(out) = out.get_mut(place(x, y, channel)) {
                    // Values are bytes times 256; half a byte more rounds to the nearest.
                    *out = u8::try_from((u32::from(value) + 128) >> 8).unwrap_or(u8::MAX);
                }
            }),
        }
    }

    /// Scales the upright box around a plate and hands over its bytes times 256 with column, row and channel.
    fn fill_box(
        &self,
        frame: &Frame<'_>,
        plate: &Quad,
        scratch: &mut Scratch,
        mut write: impl FnMut(usize, usize, usize, u16),
    ) -> Result<()> {
        let size = (self.spec.width as usize, self.spec.height as usize);
        let crop = fastalpr::box_around(frame.size(), &plate.bounds(), self.manifest.margin)
            .ok_or_else(|| {
                Error::from(Failure::Corners {
                    found: format!("{:?}", plate.0),
                })
            })?;
        let resize = self.manifest.resize;
        if resize == Resize::OpencvLinear
            && opencv::resize_linear(
                frame,
                crop,
                size,
                self.manifest.channels,
                |x, y, channel, value| {
                    write(x, y, channel, u16::from(value) << 8);
                },
            )
        {
            return Ok(());
        }
        let resampler = scratch
            .resampler
            .get_or_insert_with(|| Resampler::new(resize.quality()));
        resampler.run(
            frame,
            crop,
            size,
            self.manifest.channels,
            |y, row| match row {
                Row::Gray(values) => values
                    .iter()
                    .enumerate()
                    .for_each(|(x, &value)| write(x, y, 0, value)),
                Row::Color(planes) => {
                    for (channel, values) in planes.into_iter().enumerate() {
                        values
                            .iter()
                            .enumerate()
                            .for_each(|(x, &value)| write(x, y, channel, value));
                    }
                }
            },
        );
        Ok(())
    }
}
