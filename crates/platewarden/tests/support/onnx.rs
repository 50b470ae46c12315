//! Writes tiny ONNX files, so that tests need no trained network and can make any mistake on purpose.
//!
//! A network made here has one input and gives the same numbers whatever the input is; it still depends on the input, so
//! that no runtime folds it away.

/// `TensorProto.DataType`.
const FLOAT: u64 = 1;
const UINT8: u64 = 2;

/// A dimension of an input or output.
#[derive(Clone, Copy)]
pub enum Dim {
    Fixed(usize),
    Named(&'static str),
}

/// A network with one input and constant outputs.
pub struct Constant<'a> {
    pub input: &'a str,
    pub input_shape: Vec<Dim>,
    /// Whether the input is of bytes.
    pub bytes: bool,
    /// Name, shape and numbers of each output.
    pub outputs: Vec<(&'a str, Vec<usize>, Vec<f32>)>,
}

impl Constant<'_> {
    /// The bytes of the `.onnx` file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut graph = Message::default();
        let mut source = self.input;
        if self.bytes {
            graph.message(1, node("Cast", &[self.input], "numbers", &[("to", FLOAT)]));
            source = "numbers";
        }
        graph.message(1, node("ReduceMean", &[source], "mean", &[("keepdims", 0)]));
        graph.message(1, node("Mul", &["mean", "zero"], "nothing", &[]));
        for (name, ..) in &self.outputs {
            graph.message(
                1,
                node("Add", &[&format!("{name}_numbers"), "nothing"], name, &[]),
            );
        }
        graph.string(2, "constant");
        graph.message(5, tensor("zero", &[], &[0.0]));
        for (name, shape, numbers) in &self.outputs {
            graph.message(5, tensor(&format!("{name}_numbers"), shape, numbers));
        }
        let element = if self.bytes { UINT8 } else { FLOAT };
        graph.message(11, port(self.input, element, &self.input_shape));
        for (name, shape, _) in &self.outputs {
            let shape: Vec<Dim> = shape.iter().map(|&size| Dim::Fixed(size)).collect();
            graph.message(12, port(name, FLOAT, &shape));
        }
        let mut opset = Message::default();
        opset.string(1, "");
        opset.number(2, 17);
        let mut model = Message::default();
        model.number(1, 8);
        model.string(2, "platewarden tests");
        model.message(7, graph);
        model.message(8, opset);
        model.0
    }
}

fn node(operator: &str, inputs: &[&str], output: &str, attributes: &[(&str, u64)]) -> Message {
    let mut node = Message::default();
    for input in inputs {
        node.string(1, input);
    }
    node.string(2, output);
    node.string(3, &format!("make_{output}"));
    node.string(4, operator);
    for (name, value) in attributes {
        let mut attribute = Message::default();
        attribute.string(1, name);
        attribute.number(3, *value);
        // AttributeType.INT
        attribute.number(20, 2);
        node.message(5, attribute);
    }
    node
}

fn tensor(name: &str, shape: &[usize], numbers: &[f32]) -> Message {
    let mut tensor = Message::default();
    for size in shape {
        tensor.number(1, *size as u64);
    }
    tensor.number(2, FLOAT);
    tensor.string(8, name);
    tensor.bytes(
        9,
        &numbers
            .iter()
            .flat_map(|number| number.to_le_bytes())
            .collect::<Vec<u8>>(),
    );
    tensor
}

fn port(name: &str, element: u64, shape: &[Dim]) -> Message {
    let mut dimensions = Message::default();
    for dim in shape {
        let mut dimension = Message::default();
        match dim {
            Dim::Fixed(size) => dimension.number(1, *size as u64),
            Dim::Named(name) => dimension.string(2, name),
        }
        dimensions.message(1, dimension);
    }
    let mut tensor = Message::default();
    tensor.number(1, element);
    tensor.message(2, dimensions);
    let mut kind = Message::default();
    kind.message(1, tensor);
    let mut port = Message::default();
    port.string(1, name);
    port.message(2, kind);
    port
}

/// A message in the wire format of Protocol Buffers.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn number(&mut self, field: u64, value: u64) {
        self.varint(field << 3);
        self.varint(value);
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn string(&mut self, field: u64, text: &str) {
        self.bytes(field, text.as_bytes());
    }

    fn message(&mut self, field: u64, message: Message) {
        self.bytes(field, &message.0);
    }
}
