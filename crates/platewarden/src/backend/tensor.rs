//! Tensors at the seam between the engine and the libraries that run networks.

use std::fmt;

use ndarray::{ArrayD, ArrayViewD};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Type of a tensor's elements.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ElementType {
    /// 32-bit floating point.
    #[default]
    F32,
    /// Unsigned bytes.
    U8,
}

impl fmt::Display for ElementType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "f32",
            Self::U8 => "u8",
        })
    }
}

/// Elements of a [`Tensor`], in row-major order.
#[derive(Debug, Clone, PartialEq)]
pub enum TensorData {
    /// 32-bit floating point.
    F32(Vec<f32>),
    /// Unsigned bytes.
    U8(Vec<u8>),
}

/// A dense tensor in row-major order.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    shape: Vec<usize>,
    data: TensorData,
}

impl Default for Tensor {
    fn default() -> Self {
        Self {
            shape: vec![0],
            data: TensorData::F32(Vec::new()),
        }
    }
}

impl Tensor {
    /// A tensor of zeros.
    ///
    /// ```
    /// use platewarden::backend::{ElementType, Tensor};
    ///
    /// let tensor = Tensor::zeros(ElementType::F32, &[1, 3, 2, 2]);
    /// assert_eq!(tensor.len(), 12);
    /// ```
    pub fn zeros(element: ElementType, shape: &[usize]) -> Self {
        let mut tensor = Self::default();
        tensor.reset(element, shape);
        tensor
    }

    /// A tensor of the given numbers; `None` when their count is not the product of the shape.
    pub fn from_f32(shape: &[usize], data: Vec<f32>) -> Option<Self> {
        (shape.iter().product::<usize>() == data.len()).then(|| Self {
            shape: shape.to_vec(),
            data: TensorData::F32(data),
        })
    }

    /// Gives the tensor another shape and element type, keeping its memory where the type stays the same. The elements
    /// afterwards are what was there before, or zero where the tensor grew.
    pub fn reset(&mut self, element: ElementType, shape: &[usize]) {
        let len = shape.iter().product();
        self.shape.clear();
        self.shape.extend_from_slice(shape);
        match (&mut self.data, element) {
            (TensorData::F32(data), ElementType::F32) => data.resize(len, 0.0),
            (TensorData::U8(data), ElementType::U8) => data.resize(len, 0),
            (data, ElementType::F32) => *data = TensorData::F32(vec![0.0; len]),
            (data, ElementType::U8) => *data = TensorData::U8(vec![0; len]),
        }
    }

    /// Replaces shape and content with a copy of the given ones, keeping the memory.
    pub(crate) fn assign_f32(&mut self, shape: impl IntoIterator<Item = usize>, content: &[f32]) {
        self.shape.clear();
        self.shape.extend(shape);
        if let TensorData::F32(data) = &mut self.data {
            data.clear();
            data.extend_from_slice(content);
        } else {
            self.data = TensorData::F32(content.to_vec());
        }
    }

    /// Size of each dimension.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The elements.
    pub fn data(&self) -> &TensorData {
        &self.data
    }

    /// The elements, to be filled.
    pub fn data_mut(&mut self) -> &mut TensorData {
        &mut self.data
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        match &self.data {
            TensorData::F32(data) => data.len(),
            TensorData::U8(data) => data.len(),
        }
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The elements where they are floating point.
    pub fn as_f32(&self) -> Option<&[f32]> {
        match &self.data {
            TensorData::F32(data) => Some(data),
            TensorData::U8(_) => None,
        }
    }

    /// The elements, to be filled, where they are floating point.
    pub fn as_f32_mut(&mut self) -> Option<&mut [f32]> {
        match &mut self.data {
            TensorData::F32(data) => Some(data),
            TensorData::U8(_) => None,
        }
    }

    /// The elements with their shape, where they are floating point.
    ///
    /// ```
    /// use platewarden::backend::Tensor;
    ///
    /// let tensor = Tensor::from_f32(&[1, 2, 2], vec![1.0, 2.0, 3.0, 4.0]).unwrap();
    /// assert_eq!(tensor.view().unwrap()[[0, 1, 0]], 3.0);
    /// ```
    pub fn view(&self) -> Option<ArrayViewD<'_, f32>> {
        ArrayViewD::from_shape(self.shape.as_slice(), self.as_f32()?).ok()
    }

    /// Type of the elements.
    pub fn element(&self) -> ElementType {
        match &self.data {
            TensorData::F32(_) => ElementType::F32,
            TensorData::U8(_) => ElementType::U8,
        }
    }
}

/// What a [`Model`](super::Model) of one's own computes with `ndarray`, as the engine takes it.
///
/// ```
/// use platewarden::backend::Tensor;
///
/// let tensor = Tensor::from(ndarray::Array::from_elem((1, 3, 4), 0.5).into_dyn());
/// assert_eq!((tensor.shape(), tensor.len()), (&[1, 3, 4][..], 12));
/// ```
impl From<ArrayD<f32>> for Tensor {
    fn from(array: ArrayD<f32>) -> Self {
        Self {
            shape: array.shape().to_vec(),
            // In logical order, whatever the layout in memory.
            data: TensorData::F32(array.iter().copied().collect()),
        }
    }
}

/// One dimension of a network's input or output as its file declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dimension {
    /// A fixed size.
    Fixed(usize),
    /// A size known only at run time, with the name the file gives it (empty where it gives none).
    Symbol(String),
}

impl Dimension {
    /// Whether a dimension of this size fits.
    pub fn admits(&self, size: usize) -> bool {
        match self {
            Self::Fixed(fixed) => *fixed == size,
            Self::Symbol(_) => true,
        }
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(size) => write!(f, "{size}"),
            Self::Symbol(name) if name.is_empty() => f.write_str("?"),
            Self::Symbol(name) => f.write_str(name),
        }
    }
}

/// Name, element type and dimensions of one input or output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortSignature {
    /// Name in the file.
    pub name: String,
    /// Element type; `None` for a type this crate does not use or that the file does not declare.
    pub element: Option<ElementType>,
    /// Dimensions; `None` where the file does not declare them.
    pub dimensions: Option<Vec<Dimension>>,
}

impl PortSignature {
    /// The dimensions as a person writes them: `1x3xheightxwidth`.
    pub fn describe(&self) -> String {
        let shape = self.dimensions.as_ref().map_or_else(
            || "of undeclared shape".to_owned(),
            |dimensions| {
                dimensions
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join("x")
            },
        );
        match self.element {
            Some(element) => format!("{shape} {element}"),
            None => format!("{shape} of another type"),
        }
    }
}

/// A network's inputs and outputs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelSignature {
    /// Inputs in the file's order.
    pub inputs: Vec<PortSignature>,
    /// Outputs in the file's order.
    pub outputs: Vec<PortSignature>,
}

impl ModelSignature {
    /// The input of this name.
    pub fn input(&self, name: &str) -> Option<&PortSignature> {
        self.inputs.iter().find(|port| port.name == name)
    }

    /// The input of this name, or the first where none is given, once it takes tensors of this type and these shapes.
    ///
    /// `mismatch` makes the error out of what does not fit, what was expected, and what the file has.
    pub(crate) fn checked_input(
        &self,
        name: Option<&str>,
        element: ElementType,
        shapes: impl IntoIterator<Item = [usize; 4]>,
        mismatch: impl Fn(String, String, String) -> Error,
    ) -> Result<&PortSignature> {
        let input = match name {
            Some(name) => self.input(name),
            None => self.inputs.first(),
        };
        let input = input.ok_or_else(|| {
            let names: Vec<&str> = self.inputs.iter().map(|port| port.name.as_str()).collect();
            mismatch(
                "inputs named".into(),
                name.unwrap_or("one input").into(),
                names.join(", "),
            )
        })?;
        for wanted in shapes {
            let fits = input.dimensions.as_ref().is_none_or(|dimensions| {
                dimensions.len() == wanted.len()
                    && dimensions
                        .iter()
                        .zip(wanted)
                        .all(|(have, want)| have.admits(want))
            });
            if !fits || input.element.is_some_and(|declared| declared != element) {
                return Err(mismatch(
                    format!("input `{}` of", input.name),
                    format!(
                        "{} {element}",
                        wanted.map(|size| size.to_string()).join("x")
                    ),
                    input.describe(),
                ));
            }
        }
        Ok(input)
    }

    /// The output of this name.
    pub fn output(&self, name: &str) -> Option<&PortSignature> {
        self.outputs.iter().find(|port| port.name == name)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn reset_keeps_memory_and_sets_length() {
        let mut tensor = Tensor::zeros(ElementType::F32, &[2, 8]);
        let before = tensor.as_f32().unwrap().as_ptr();
        tensor.reset(ElementType::F32, &[4]);
        assert_eq!((tensor.shape(), tensor.len()), (&[4][..], 4));
        assert_eq!(tensor.as_f32().unwrap().as_ptr(), before);
        tensor.reset(ElementType::U8, &[3]);
        assert_eq!((tensor.element(), tensor.len()), (ElementType::U8, 3));
        assert!(tensor.as_f32().is_none());
    }

    #[test]
    fn a_shape_that_does_not_fit_is_refused() {
        assert!(Tensor::from_f32(&[2, 2], vec![0.0; 3]).is_none());
        assert!(Tensor::from_f32(&[2, 2], vec![0.0; 4]).is_some());
    }

    #[test]
    fn signatures_read_like_shapes() {
        let port = PortSignature {
            name: "images".into(),
            element: Some(ElementType::F32),
            dimensions: Some(vec![
                Dimension::Fixed(1),
                Dimension::Symbol("height".into()),
                Dimension::Symbol(String::new()),
            ]),
        };
        assert_eq!(port.describe(), "1xheightx? f32");
    }
}
