"""A detector whose first convolution reads the picture's bytes in blocks of 2 x 2 pixels, as ONNX's SpaceToDepth has them.

The first convolution, 3 x 3 with a stride of 2, is in blocks one of 2 x 2 with a stride of 1: the same numbers. In 8-bit integers it
then reads bytes and gives bytes, and a frame is spared the convolution in floating point, the change of layout after it and the
rounding of its result: an eighth of the detector's time.
"""
import numpy as np
from onnx import TensorProto, helper, numpy_helper

# Row or column of the block before (0) or of its own (1), and within the block, for each of three taps.
TAPS = ((0, 1), (1, 0), (1, 1))


def blocks(x):
    """1 x C x H x W -> 1 x 4C x H/2 x W/2"""
    _, c, h, w = x.shape
    return np.ascontiguousarray(x.reshape(1, c, h // 2, 2, w // 2, 2).transpose(0, 3, 5, 1, 2, 4).reshape(1, 4 * c, h // 2, w // 2))


def read_blocks(model):
    """The model with an input of blocks, still of numbers from 0 to 1."""
    graph = model.graph
    picture = graph.input[0]
    first = next(n for n in graph.node if n.op_type == "Conv" and n.input[0] == picture.name)
    weights = {i.name: i for i in graph.initializer}[first.input[1]]
    before = numpy_helper.to_array(weights)
    o, c, *taps = before.shape
    how = {a.name: helper.get_attribute_value(a) for a in first.attribute}
    if taps != [3, 3] or list(how["strides"]) != [2, 2] or list(how["pads"]) != [1, 1, 1, 1]:
        raise SystemExit(f"the first convolution is {how}, and 3 x 3 with a stride of 2 was expected")
    after = np.zeros((o, 4 * c, 2, 2), np.float32)
    for y, (block_y, dy) in enumerate(TAPS):
        for x, (block_x, dx) in enumerate(TAPS):
            for k in range(c):
                after[:, (2 * dy + dx) * c + k, block_y, block_x] = before[:, k, y, x]
    weights.CopyFrom(numpy_helper.from_array(after, weights.name))
    del first.attribute[:]
    first.attribute.extend(helper.make_attribute(k, v) for k, v in dict(kernel_shape=[2, 2], strides=[1, 1], pads=[1, 1, 0, 0]).items())
    shape = picture.type.tensor_type.shape
    shape.CopyFrom(helper.make_tensor_value_info("", TensorProto.FLOAT, [1, 4 * c, "rows", "columns"]).type.tensor_type.shape)
    del graph.value_info[:]
    return model


def read_bytes(model):
    """A quantised model whose input was numbers from 0 to 1 and is bytes."""
    graph = model.graph
    picture = graph.input[0]
    known = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    quantize = next(n for n in graph.node if n.op_type == "QuantizeLinear" and n.input[0] == picture.name)
    scale, zero = float(known[quantize.input[1]]), int(known[quantize.input[2]])
    if abs(scale - 1 / 255) > 1e-8 or zero != 0:
        raise SystemExit(f"the picture's bytes have scale {scale} and zero point {zero}")
    for node in graph.node:
        for i, name in enumerate(node.input):
            if name == quantize.output[0]:
                node.input[i] = picture.name
    graph.node.remove(quantize)
    picture.type.tensor_type.elem_type = TensorProto.UINT8
    return model
